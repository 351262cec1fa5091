# Values of R for the desk study. Run: Rscript tests/reference/make_desk.R > tests/reference/desk_r.yaml
# Needs R with the package Hmisc (Debian: r-base-core r-cran-hmisc).
suppressMessages(library(Hmisc))
f <- function(x) format(x, digits = 17)
cat("software:", R.version.string, "; Hmisc", as.character(packageVersion("Hmisc")), "\n")
x <- c(541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261)
w <- c(3, 1, 4, 1, 5, 9, 2, 6, 5, 3)
r <- rep(x, w)                                  # weights as repetitions
n <- length(r)
g <- function(v) GiniMd(v) * (length(v) - 1) / length(v) / (2 * mean(v))   # mean difference over all pairs, own ones too
m <- mean(r)
cat("inequality:\n  x: [", paste(x, collapse = ", "), "]\n  w: [", paste(w, collapse = ", "), "]\n", sep = "")
cat("  gini: ", f(g(x)), "\n  gini_weighted: ", f(g(r)), "\n", sep = "")
cat("  theil_t_weighted: ", f(mean(r / m * log(r / m))), "\n  theil_l_weighted: ", f(mean(log(m / r))), "\n", sep = "")
cat("  hoover_weighted: ", f(sum(abs(r - m)) / (2 * n * m)), "\n", sep = "")
cat("  cv_weighted: ", f(sqrt(mean((r - m)^2)) / m), "\n", sep = "")
jack <- sapply(seq_along(x), function(i) g(x[-i]))
cat("  gini_left_out: [", paste(f(jack), collapse = ", "), "]\n", sep = "")
first <- c(12, 30, 7, 55, 21, 40, 9, 16); last <- c(25, 41, 19, 60, 30, 44, 26, 20); years <- 5
growth <- log(last / first) / years
fit <- lm(growth ~ log(first)); s <- summary(fit); ci <- confint(fit)
cat("beta:\n  first: [", paste(first, collapse = ", "), "]\n  last: [", paste(last, collapse = ", "), "]\n  years: ", years, "\n", sep = "")
cat("  slope: ", f(coef(fit)[[2]]), "\n  ci_low: ", f(ci[2, 1]), "\n  ci_high: ", f(ci[2, 2]), "\n  p: ", f(s$coefficients[2, 4]), "\n  r2: ", f(s$r.squared), "\n", sep = "")
z <- cbind(c(3, 1, 4, 1, 5), c(9, 2, 6, 5, 3), c(5, 8, 9, 7, 9))
pc <- prcomp(z, scale. = TRUE)
cat("pca:\n  rows: [", paste(apply(z, 1, function(row) paste0("[", paste(row, collapse = ", "), "]")), collapse = ", "), "]\n", sep = "")
cat("  weights: [", paste(f(pc$rotation[, 1]^2), collapse = ", "), "]\n", sep = "")
