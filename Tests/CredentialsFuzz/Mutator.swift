import Domain

/// Changes a file a little, the same way for the same seed.
struct Mutator {
    private var random: SplitMix64
    private static let words: [String] = [
        "null", "[]", "{}", "\"\"", "1e308", "-0", "0.1", "true", "\"@context\":", "\"@id\":", "\"@type\":", "\"_:b0\"", "\"@list\":", "\"@json\"",
        "\"@graph\":", "\"@reverse\":", "\"@nest\":", "\"previousProof\":", "\\ud800", "\\u0000", "]]>", "<![CDATA[", "&#x41;", "z6Mk", "did:key:",
        "did:web:", "#", "..", "eyJ", "uH4sI", "iTXt", "BitstringStatusListEntry", "1EdTechRevocationList", "EnvelopedVerifiableCredential",
        "ClrCredential", "\"credentialStatus\":{\"type\":\"BitstringStatusListEntry\",\"statusPurpose\":\"revocation\",\"statusListIndex\":\"1\",\"statusListCredential\":\"https://a.example/\"},",
    ]

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    private mutating func below(_ limit: Int) -> Int { limit <= 0 ? 0 : Int(random.next() % UInt64(limit)) }

    mutating func next(of corpus: [[UInt8]]) -> [UInt8] {
        var bytes = corpus[below(corpus.count)]
        for _ in 0...below(4) { change(&bytes, corpus) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], _ corpus: [[UInt8]]) {
        let place = below(bytes.count + 1), length = min(below(1 << below(12)), bytes.count - place)
        switch below(9) {
        case 0 where !bytes.isEmpty: bytes[below(bytes.count)] ^= 1 << UInt8(below(8))
        case 1 where !bytes.isEmpty: bytes[below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
        case 2: bytes.removeSubrange(place..<(place + length))
        case 3: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
        case 4: bytes.insert(contentsOf: Self.words[below(Self.words.count)].utf8, at: place)
        case 5: bytes.replaceSubrange(place..<(place + length), with: Self.words[below(Self.words.count)].utf8)
        case 6:
            let other = corpus[below(corpus.count)], from = below(other.count)
            bytes.insert(contentsOf: other[from..<min(other.count, from + 1 + below(400))], at: place)
        case 7: bytes.removeLast(below(bytes.count))
        default: bytes.insert(contentsOf: repeatElement([0x5B, 0x7B, 0x22, 0x20, 0][below(5)], count: below(2000)), at: place)
        }
    }
}
