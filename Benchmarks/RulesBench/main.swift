/// How fast a population is evaluated and a new version rehearsed, next to C over the same bit columns in the same
/// process, by turns. `ops/bench rules` runs it; docs/performance-rules.md says what is measured.
///
///     RulesBench measure --work FOLDER [--learners 1000000] [--pathways 20] [--rounds 15] [--seed 1] [--export yes]
///     RulesBench large --work FOLDER [--learners 10000000] [--rounds 5] [--seed 1]
///     RulesBench one --work FOLDER [--learners 5000] [--seed 1]
///
/// `measure` needs `cc`, writes figures.json into the folder, and with `--export yes` what the other engines read.
/// `large` measures growing populations up to the given size and writes large.json. `one` measures one learner at a time
/// and nothing else, for a profiler.
import Glibc

let words = Array(CommandLine.arguments.dropFirst())
do {
    let options = try Options(Array(words.dropFirst()))
    switch words.first {
    case "measure": try Measurement(options).run()
    case "large": try LargePopulations(options).run()
    case "one": try OneLearner.measure(options)
    default: throw Failure("the first word is measure, large or one")
    }
} catch {
    say("RulesBench: \(error)", to: 2)
    exit(1)
}
