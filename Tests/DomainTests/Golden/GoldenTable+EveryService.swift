import Domain

extension GoldenTable {
    mutating func addEveryServiceRequests() {
        request(ListParked(), Page(items: [ParkedEntry(consumer: "fan_out.records", event: id(28),
            type: AttainmentRecorded.type, owner: id(28), reason: "It was entered twice.", attempts: 1,
            parkedAt: moment)], next: "b2Zmc2V0"))
        request(ReleaseParked(consumer: "fan_out.records", event: id(28), action: .retry,
            reason: "It was entered twice."), ReleaseParked.Reply(released: 1))
    }
}
