/// What the evaluators of one learner read, laid out for them.
struct EvaluationLayout: Sendable {
    init(_ parts: PathwayCompiler) {}
}
