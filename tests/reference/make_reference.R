# Values of other software, to compare with. Run: Rscript tests/reference/make_reference.R > tests/reference/r_values.yaml
# Needs R with the packages pROC and effectsize (Debian: r-base-core r-cran-proc r-cran-effectsize).
suppressMessages({library(pROC); library(effectsize)})
f <- function(x) format(x, digits = 17)
cat("software:", R.version.string, "; pROC", as.character(packageVersion("pROC")), "; effectsize", as.character(packageVersion("effectsize")), "\n")
cat("cases:\n")
cases <- list(
  worked = list(c(4, 10, 20, 40, 18), c(12, 25, 30, 30, 12)),
  small = list(c(1, 0, 3, 4, 2), c(2, 5, 1, 1, 0)),
  skewed = list(c(0, 1, 2, 10, 30), c(3, 3, 9, 12, 5)),
  two = list(c(12, 30), c(25, 17)),
  alike = list(c(5, 9, 14, 8, 3), c(5, 9, 14, 8, 3)))
for (name in names(cases)) {
  a <- cases[[name]][[1]]; b <- cases[[name]][[2]]; k <- length(a)
  x <- rep(seq_len(k), a); y <- rep(seq_len(k), b)
  w <- suppressWarnings(wilcox.test(x, y, exact = FALSE))
  r <- suppressMessages(roc(c(rep(0, length(y)), rep(1, length(x))), c(y, x), direction = "<", quiet = TRUE))
  v <- var(r, method = "delong")
  t <- rbind(a, b); t <- t[, colSums(t) > 0]
  q <- suppressWarnings(chisq.test(t, correct = FALSE))
  cv <- suppressWarnings(cramers_v(as.table(t), adjust = FALSE, alternative = "two.sided"))
  cat("  - name: ", name, "\n", "    a: [", paste(a, collapse = ", "), "]\n", "    b: [", paste(b, collapse = ", "), "]\n",
      "    u: ", f(unname(w$statistic)), "\n", "    p: ", f(w$p.value), "\n", "    auc: ", f(as.numeric(auc(r))), "\n",
      "    delong_variance: ", f(v), "\n", "    chi2: ", f(unname(q$statistic)), "\n", "    p_chi2: ", f(q$p.value), "\n",
      "    cramers_v: ", f(cv[[1]]), "\n", "    v_low: ", f(cv$CI_low), "\n", "    v_high: ", f(cv$CI_high), "\n", sep = "")
}
cat("holm: [", paste(f(p.adjust(c(.001, .2, .04, .03, .0005, .9), "holm")), collapse = ", "), "]\n")
cat("fdr_bh: [", paste(f(p.adjust(c(.001, .2, .04, .03, .0005, .9), "BH")), collapse = ", "), "]\n")
cat("wilson:\n")
for (k in c(0, 1, 7, 13, 14)) {
  ci <- suppressWarnings(prop.test(k, 14, correct = FALSE))$conf.int
  cat("  - {k: ", k, ", n: 14, low: ", f(ci[1]), ", high: ", f(ci[2]), "}\n", sep = "")
}
