/// Baked badges as PNG (Open Badges 3.0 §5.3.1): one `iTXt` chunk with the keyword `openbadgecredential`, uncompressed,
/// whose text is the credential as JSON or compact JWS. The picture itself is never decoded.
package enum PNG {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    private static let keyword = Array("openbadgecredential".utf8)

    private struct Chunk {
        var kind: String
        /// Of the whole chunk with length and checksum.
        var range: Range<Int>
        var data: Range<Int>
    }

    package static func matches(_ bytes: [UInt8]) -> Bool { bytes.starts(with: signature) }

    /// The picture with the credential in it; one that was there before is taken out.
    /// - Throws: `png.…`.
    package static func bake(_ credential: [UInt8], into image: [UInt8]) throws(CredentialError) -> [UInt8] {
        guard credential.count <= CredentialLimits.documentBytesMax else {
            throw CredentialError("png.too_large", "The credential is larger than \(CredentialLimits.documentBytesMax) bytes.")
        }
        let chunks = try chunks(of: image)
        var result = signature
        result.reserveCapacity(image.count + credential.count + 64)
        for chunk in chunks {
            if chunk.kind == "iTXt", isOurs(image[chunk.data]) { continue }
            if chunk.kind == "IEND" {
                // Keyword, its end, no compression twice, no language, no translated keyword.
                append("iTXt", keyword + [0, 0, 0, 0, 0] + credential, to: &result)
            }
            result.append(contentsOf: image[chunk.range])
        }
        return result
    }

    /// The text of the one credential inside.
    /// - Throws: `png.no_credential`, `png.several`, `png.compressed`, and `png.malformed`, `png.checksum`, `png.too_large`.
    package static func extract(_ image: [UInt8]) throws(CredentialError) -> [UInt8] {
        let found = try chunks(of: image).filter { $0.kind == "iTXt" && isOurs(image[$0.data]) }
        guard let chunk = found.first else {
            throw CredentialError("png.no_credential", "The picture holds no credential: no iTXt chunk openbadgecredential.")
        }
        guard found.count == 1 else {
            throw CredentialError("png.several", "The picture holds \(found.count) credentials; there must be one.")
        }
        let data = image[chunk.data].dropFirst(keyword.count + 1)
        guard data.count >= 4, let flag = data.first else { throw malformed("its text chunk is cut off") }
        guard flag == 0 else {
            throw CredentialError("png.compressed", "The credential in the picture is compressed, which Open Badges does not allow.")
        }
        // Language and translated keyword, each ended by a zero.
        var rest = data.dropFirst(2)
        for _ in 0..<2 {
            guard let zero = rest.firstIndex(of: 0) else { throw malformed("its text chunk is cut off") }
            rest = rest[(zero + 1)...]
        }
        guard rest.count <= CredentialLimits.documentBytesMax else {
            throw CredentialError("png.too_large", "The credential is larger than \(CredentialLimits.documentBytesMax) bytes.")
        }
        return Array(rest)
    }

    private static func isOurs(_ data: ArraySlice<UInt8>) -> Bool {
        data.starts(with: keyword) && data.dropFirst(keyword.count).first == 0
    }

    private static func chunks(of image: [UInt8]) throws(CredentialError) -> [Chunk] {
        guard image.count <= CredentialLimits.imageBytesMax else {
            throw CredentialError("png.too_large", "The picture is larger than \(CredentialLimits.imageBytesMax) bytes.")
        }
        guard matches(image) else { throw malformed("it does not begin like one") }
        var chunks: [Chunk] = [], at = signature.count
        while chunks.last?.kind != "IEND" {
            guard image.count - at >= 12 else { throw malformed("it is cut off") }
            let length = image[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) }
            guard length <= image.count - at - 12 else { throw malformed("a chunk is longer than the file") }
            let data = at + 8..<at + 8 + length
            let checksum = image[data.upperBound..<(data.upperBound + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            guard CRC32.of(image[(at + 4)..<data.upperBound]) == checksum else {
                throw CredentialError("png.checksum", "A chunk of the picture has a wrong checksum.")
            }
            chunks.append(Chunk(kind: String(decoding: image[(at + 4)..<(at + 8)], as: UTF8.self), range: at..<data.upperBound + 4, data: data))
            guard chunks.count <= CredentialLimits.chunksMax else { throw malformed("it has more than \(CredentialLimits.chunksMax) chunks") }
            at = data.upperBound + 4
        }
        guard chunks[0].kind == "IHDR" else { throw malformed("its first chunk is not IHDR") }
        return chunks
    }

    private static func append(_ kind: String, _ data: [UInt8], to bytes: inout [UInt8]) {
        let named = Array(kind.utf8) + data
        bytes.append(contentsOf: bigEndian(UInt32(data.count)))
        bytes.append(contentsOf: named)
        bytes.append(contentsOf: bigEndian(CRC32.of(named)))
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
    }

    private static func malformed(_ why: String) -> CredentialError { CredentialError("png.malformed", "This is no sound PNG: \(why).") }
}
