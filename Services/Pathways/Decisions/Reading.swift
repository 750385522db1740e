import Domain

/// A term that ends no earlier than it begins.
func readTerm(from: CalendarDate, until: CalendarDate?) throws(Fault) {
    if let until, until < from {
        throw .invalid("/until", "term.order", "The last day cannot be before the first, \(from).")
    }
}
