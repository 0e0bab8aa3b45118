"""The words of the tables that tell of effects and how sure they are; part of the glossary."""

from __future__ import annotations

from finmine.term import Term

STATISTICAL: dict[str, Term] = {
    "finished_median": Term("Median, finished only", "duration", "half of the finished cases took no longer; those that still run are left out"),
    "finished_mean": Term(
        "Mean, finished only", "duration", "the mean of the finished cases, each counted up to the same time; those that still run are left out"
    ),
    "open_median": Term("Median, open counted", "duration", "the time after which half of all cases have ended (Kaplan–Meier)"),
    "open_median_low": Term("Median, open counted, from", "duration", "the lower limit of its 95 % interval"),
    "open_median_high": Term(
        "Median, open counted, to", "duration", "the upper limit of its 95 % interval; missing where the curve does not come so far"
    ),
    "restricted_mean": Term(
        "Mean up to a time", "duration", "the mean of the times of all cases, each counted up to the time by which 99 of 100 have ended"
    ),
    "restricted_low": Term("Mean up to a time, from", "duration", "the lower limit of its 95 % interval"),
    "restricted_high": Term("Mean up to a time, to", "duration", "the upper limit of its 95 % interval"),
    "time_ratio": Term("Times as long", "number", "how many times as long the cases take as those of the largest group (Weibull)"),
    "time_ratio_low": Term("Times as long, from", "number", "the lower limit of its 95 % interval"),
    "time_ratio_high": Term("Times as long, to", "number", "the upper limit of its 95 % interval"),
    "since": Term("Since the start", "duration", "the time since the start of the case"),
    "still_open": Term("Not ended", "share", "the share of the cases that have not ended after so long (Kaplan–Meier)"),
    "still_open_low": Term("Not ended, from", "share", "the lower limit of its 95 % interval"),
    "still_open_high": Term("Not ended, to", "share", "the upper limit of its 95 % interval"),
    "incidence": Term("Ended so", "share", "the share of all cases that has come to this end by then (Aalen–Johansen)"),
    "finished_share": Term(
        "Of the finished only", "share", "the share of the finished cases alone that came to this end; those that still run are left out"
    ),
    "mean_added": Term(
        "Difference of means", "duration", "how much longer the mean is with the cases that still run than that of the finished cases alone"
    ),
    "exposure_kind": Term("Told apart by", "text", "what parts the cases: an activity, what directly follows, a variant, an attribute …"),
    "exposure": Term("Cases with", "text", "what the cases of the one kind have and the others do not"),
    "others": Term("Other cases", "count", "the compared cases that do not have it"),
    "shift": Term("Shift", "duration", "the median of all differences between a case that has it and one that does not (Hodges–Lehmann)"),
    "shift_low": Term("Shift from", "duration", "the lower limit of the 95 % interval of the shift"),
    "shift_high": Term("Shift to", "duration", "the upper limit of the 95 % interval of the shift"),
    "burden": Term("Burden", "duration", "the shift times the cases that have it"),
    "working_shift": Term("Shift of working time", "working", "the median of all differences between a case that has it and one that does not"),
    "working_shift_low": Term("Shift of working time from", "working", "the lower limit of the 95 % interval of the shift"),
    "working_shift_high": Term("Shift of working time to", "working", "the upper limit of the 95 % interval of the shift"),
    "working_burden": Term("Burden of working time", "working", "the shift times the cases that have it"),
    "rate_shift": Term("Difference of rates", "share", "the share of cases with rework among those that have it, less that among the others"),
    "rate_shift_low": Term("Difference from", "share", "the lower limit of the 95 % interval of the difference of rates"),
    "rate_shift_high": Term("Difference to", "share", "the upper limit of the 95 % interval of the difference of rates"),
    "rate_burden": Term("More cases with rework", "number", "the difference of rates times the cases that have it"),
    "cost_shift": Term("Shift of cost", "money", "the median of all differences between a case that has it and one that does not"),
    "cost_shift_low": Term("Shift of cost from", "money", "the lower limit of the 95 % interval of the shift"),
    "cost_shift_high": Term("Shift of cost to", "money", "the upper limit of the 95 % interval of the shift"),
    "cost_burden": Term("Burden of cost", "money", "the shift times the cases that have it"),
    "cost_adjusted": Term("Adjusted shift of cost", "money", "the shift among cases that agree in what could confound it, pooled over the strata"),
    "cost_adjusted_low": Term("Adjusted cost from", "money", "the lower limit of the 95 % interval of the adjusted shift"),
    "cost_adjusted_high": Term("Adjusted cost to", "money", "the upper limit of the 95 % interval of the adjusted shift"),
    "cost_adjusted_burden": Term("Adjusted burden of cost", "money", "the adjusted shift times the cases that have it and stand in the strata"),
    "adjusted": Term("Adjusted shift", "duration", "the shift among cases that agree in what could confound it, pooled over the strata"),
    "adjusted_low": Term("Adjusted from", "duration", "the lower limit of the 95 % interval of the adjusted shift"),
    "adjusted_high": Term("Adjusted to", "duration", "the upper limit of the 95 % interval of the adjusted shift"),
    "adjusted_burden": Term("Adjusted burden", "duration", "the adjusted shift times the cases that have it and stand in the strata"),
    "working_adjusted": Term(
        "Adjusted shift of working time", "working", "the shift among cases that agree in what could confound it, pooled over the strata"
    ),
    "working_adjusted_low": Term("Adjusted working time from", "working", "the lower limit of the 95 % interval of the adjusted shift"),
    "working_adjusted_high": Term("Adjusted working time to", "working", "the upper limit of the 95 % interval of the adjusted shift"),
    "working_adjusted_burden": Term(
        "Adjusted burden of working time", "working", "the adjusted shift times the cases that have it and stand in the strata"
    ),
    "rate_adjusted": Term(
        "Adjusted difference", "share", "the difference of rates among cases that agree in what could confound it, pooled over the strata"
    ),
    "rate_adjusted_low": Term("Adjusted difference from", "share", "the lower limit of its 95 % interval"),
    "rate_adjusted_high": Term("Adjusted difference to", "share", "the upper limit of its 95 % interval"),
    "rate_adjusted_burden": Term(
        "Adjusted more cases with rework", "number", "the adjusted shift times the cases that have it and stand in the strata"
    ),
    "at_median": Term(
        "Shift of the median", "duration", "by how much the median of the cases that have it is shifted among cases that agree (quantile regression)"
    ),
    "at_median_low": Term("Shift of the median from", "duration", "the lower limit of its 95 % interval"),
    "at_median_high": Term("Shift of the median to", "duration", "the upper limit of its 95 % interval"),
    "at_p90": Term(
        "Shift of the 90th percentile",
        "duration",
        "by how much the 90th percentile of the cases that have it is shifted among cases that agree (quantile regression)",
    ),
    "at_p90_low": Term("Shift of the 90th percentile from", "duration", "the lower limit of its 95 % interval"),
    "at_p90_high": Term("Shift of the 90th percentile to", "duration", "the upper limit of its 95 % interval"),
    "working_at_median": Term(
        "Shift of the median of working time",
        "working",
        "by how much the median of working time of the cases that have it is shifted among cases that agree (quantile regression)",
    ),
    "working_at_median_low": Term("Shift of the median of working time from", "working", "the lower limit of its 95 % interval"),
    "working_at_median_high": Term("Shift of the median of working time to", "working", "the upper limit of its 95 % interval"),
    "working_at_p90": Term(
        "Shift of the 90th percentile of working time",
        "working",
        "by how much the 90th percentile of working time of the cases that have it is shifted among cases that agree (quantile regression)",
    ),
    "working_at_p90_low": Term("Shift of the 90th percentile of working time from", "working", "the lower limit of its 95 % interval"),
    "working_at_p90_high": Term("Shift of the 90th percentile of working time to", "working", "the upper limit of its 95 % interval"),
    "cost_at_median": Term(
        "Shift of the median of cost",
        "money",
        "by how much the median of what cases with it cost is shifted among cases that agree (quantile regression)",
    ),
    "cost_at_median_low": Term("Shift of the median of cost from", "money", "the lower limit of its 95 % interval"),
    "cost_at_median_high": Term("Shift of the median of cost to", "money", "the upper limit of its 95 % interval"),
    "cost_at_p90": Term(
        "Shift of the 90th percentile of cost",
        "money",
        "by how much the 90th percentile of what cases with it cost is shifted among cases that agree (quantile regression)",
    ),
    "cost_at_p90_low": Term("Shift of the 90th percentile of cost from", "money", "the lower limit of its 95 % interval"),
    "cost_at_p90_high": Term("Shift of the 90th percentile of cost to", "money", "the upper limit of its 95 % interval"),
    "quantile_cases": Term("Cases of both sides", "count", "the cases with it and without it in the strata that hold both"),
    "adjusted_cases": Term("Cases in strata", "count", "the cases with it that stand in a stratum in which both sides have five cases"),
    "strata": Term("Strata", "count", "the strata in which both sides have five cases"),
    "i_squared": Term("I²", "share", "the share of the variation of the effect between strata that is more than chance"),
    "p_strata": Term("p within strata", "number", "van Elteren's p-value of the ranks within strata"),
    "finding": Term(
        "Within strata",
        "text",
        "whether the effect goes the same way among cases that agree, goes away, depends on the stratum, or turns its sign (in all cases beyond chance, or not)",
    ),
    "became": Term("What became of it", "text", "whether the comparison is shown as an effect, and if not, why not"),
    "begins_apart": Term(
        "Begins apart",
        "share",
        "the share of the cases of one side that would have to begin with another activity for both sides to be alike in that",
    ),
    "ends_apart": Term(
        "Ends apart",
        "share",
        "the share of the cases of one side that would have to end in another outcome (where none is declared, with another activity) for both sides to be alike in that",
    ),
    "unlike": Term(
        "Unlike the usual path", "text", "what the path does more (+) or less (−) often than that of most compared cases; else its activities"
    ),
    "cost_rest": Term(
        "Without its own cost",
        "money",
        "the shift of cost once the units of the named activities, or hands, are left out of all cases; missing where no units are named",
    ),
    "by_definition": Term(
        "By definition",
        "text",
        "why the effect tells nothing but how it is measured: the sides begin or end elsewhere, the cost is that of the very units that tell the cases apart, "
        "or only cases with rework have what is named",
    ),
    "first_paths": Term("First paths", "count", "how many of the paths that go with more are counted, largest burden first"),
    "any_cases": Term("Cases with any", "count", "the compared cases that have any of these paths"),
    "in_any": Term("Of all cases", "share", "these cases, divided by all that are compared"),
    "delta": Term("Cliff's δ", "number", "the chance that a case with it has more than one without, less the chance of the reverse"),
    "delta_size": Term("Size", "text", "the usual word for a δ of this size: negligible, small, medium or large"),
    "q": Term("q", "number", "the p-value adjusted over all comparisons that were made (Benjamini–Hochberg)"),
    "p_ranks": Term("p of ranks", "number", "Mann and Whitney's p-value, which takes cases as independent"),
    "p_robust": Term("p", "number", "Brunner and Munzel's p-value, for whole clusters where cases have some"),
    "p_permuted": Term("Permutation p", "number", "how often chance alone parts the cases as far"),
    "permuted": Term("Permuted", "text", "what was given anew at random: all cases, inside clusters, whole clusters, or means of clusters"),
    "delta_first": Term("δ, first half", "number", "Cliff's δ in the half in which effects are discovered"),
    "q_first": Term("q, first half", "number", "the p-value of the first half adjusted over all comparisons made in it"),
    "delta_second": Term("δ, second half", "number", "Cliff's δ in the half that had no part in the discovery"),
    "p_second": Term("p, second half", "number", "the p-value in the half that had no part in the discovery"),
    "second_half": Term("Second half", "text", "confirmed: discovered in the first half, and the second shows the same direction with p up to 5 %"),
    "leaf": Term("Cases", "text", "which cases these are: the answers that they give to the questions"),
    "telling": Term(
        "Cases that tell", "count", "those of them in the half that had no part in choosing the questions; all numbers but the first are theirs"
    ),
    "outcome_share": Term("Share of the whole", "share", "what these cases take together, divided by what all cases that tell take"),
    "rate_median": Term("Share with rework", "share", "the share of these cases in which anything is done more than once"),
    "asked_of": Term("Asked of cases", "text", "the cases that the question is asked of"),
    "asked": Term("Question", "text", "what parts these cases furthest"),
    "choosing": Term("Cases that choose", "count", "those of them in the half by which the questions are chosen"),
    "explained": Term(
        "Explained here", "share", "by how much the question lowers the variance of the ranks of these cases, in the half that chooses"
    ),
    "p_best": Term("p of the best", "number", "how often chance alone lets the best of all questions part the cases as far"),
    "asked_result": Term("Result", "text", "parted by the question, or not beyond chance"),
    "p_told": Term("p, half that tells", "number", "the p-value of the question in the half that had no part in choosing it"),
    "asked_again": Term(
        "Half that tells", "text", "confirmed: the half that had no part in choosing the question shows the same direction with p up to 5 %"
    ),
    "mean_rank": Term("Mean rank", "number", "the mean place of its cases among all that are compared, the least outcome first"),
    "than_group": Term("Than", "text", "the group that has less"),
    "p_pair": Term("p of the pair", "number", "Dunn's p-value of two groups, or that of the test for whole clusters of the two"),
    "q_pair": Term("q of the pair", "number", "that p-value adjusted over all pairs of groups (Benjamini–Hochberg)"),
    "side": Term("Side", "text", "the first or the second side of a comparison"),
    "condition": Term("Condition", "text", "the condition that the cases of the side meet, in the words of filters"),
    "compared_cases": Term("Compared cases", "count", "the cases that have come to a declared end, or all where none is declared"),
    "units_per_case": Term("Units per case", "number", "events, or activity instances, divided by cases"),
    "share_rework": Term("With rework", "share", "compared cases in which anything is done more than once, divided by all compared cases"),
    "share_first_pass": Term(
        "All at first", "share", "compared cases in which everything is done once and nothing is sent back, divided by all compared cases"
    ),
    "share_first": Term("First side", "share", "the share of the first side's compared cases"),
    "share_second": Term("Second side", "share", "the share of the second side's compared cases"),
    "share_difference": Term("Difference", "share", "the first share less the second"),
    "difference_low": Term("Difference from", "share", "the lower limit of its 95 % interval"),
    "difference_high": Term("Difference to", "share", "the upper limit of its 95 % interval"),
    "p_difference": Term("p", "number", "how often chance alone gives such a difference: Fisher's exact test, or that for whole clusters"),
    "q_difference": Term(
        "q", "number", "the p-value adjusted over all comparisons that were made (Benjamini–Hochberg); missing where too few cases have it"
    ),
    "moved_from": Term("From the path", "text", "a path of the first side; rare variants stand with their family"),
    "moved_to": Term("To the path", "text", "the path of the second side that it would have to become in the cheapest plan"),
    "moved_share": Term("Share", "share", "the share of all cases that would have to"),
    "moved_distance": Term("Distance", "share", "the share of its activities that would have to change: edits divided by the longer path"),
    "change": Term("From", "day", "the first day of what is new"),
    "change_low": Term("Earliest", "day", "the lower limit of the 95 % interval of that day"),
    "change_high": Term("Latest", "day", "the upper limit of the 95 % interval of that day"),
    "cases_before": Term("Cases before", "count", "the cases that arrived before the change, from the one before it on"),
    "cases_after": Term("Cases after", "count", "the cases that arrived from the change on, up to the next one"),
    "changed_most": Term("Changed most", "text", "the feature whose cumulated deviations have the highest peak"),
    "changed_features": Term("Features changed", "count", "the features that changed beyond chance, those that hold for the same cases once"),
    "p_change": Term("p", "number", "how often chance gives any feature on any day as high a peak"),
    "paths_moved": Term("Paths moved", "number", "the earth mover's distance between the paths before and after, from 0 to 1"),
    "p_moved": Term(
        "p of paths", "number", "how often chance moves them as far when whole weeks are given anew; missing with fewer than five weeks on a side"
    ),
    "week": Term("Week", "day", "the Monday of the week"),
    "median_before": Term("Median before", "duration", "half of the cases before the change took no longer"),
    "median_after": Term("Median after", "duration", "half of the cases from the change on took no longer"),
    "working_median_before": Term("Median working time before", "working", "half of the cases before the change took no longer"),
    "working_median_after": Term("Median working time after", "working", "half of the cases from the change on took no longer"),
    "share_before": Term("Share before", "share", "the share of the cases before the change that have it"),
    "share_after": Term("Share after", "share", "the share of the cases from the change on that have it"),
    "share_change": Term("Change", "share", "the share after less the share before"),
    "change_share_low": Term("Change from", "share", "the lower limit of its 95 % interval, from whole weeks"),
    "change_share_high": Term("Change to", "share", "the upper limit of its 95 % interval, from whole weeks"),
    "steps_apart": Term("Steps apart", "share", "the total variation between the shares of steps of two weeks: 0 where they are the same"),
    "q_steps": Term("q of steps", "number", "how often chance parts them as far when cases are permuted, adjusted over all weeks"),
    "hands_apart": Term("Hands apart", "share", "the total variation between the shares of units that each resource, or role, does in two weeks"),
    "q_hands": Term("q of hands", "number", "the p-value of that, cases permuted between the weeks, adjusted over all weeks"),
    "q_times": Term("q of times", "number", "the same for the times of their cases (Cramér and von Mises)"),
    "differs_in": Term(
        "Differs in", "text", "steps, times or both; period end where it does not differ from the same working days of the month before"
    ),
}
