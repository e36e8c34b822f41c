import { describe, expect, it } from "vitest";
import { challengeIn, PasskeyRefused, registered, shownRight } from "./passkey-ceremony.ts";

/**
 * Test vectors of W3C Web Authentication Level 3, section 16 (https://www.w3.org/TR/webauthn-3/#sctn-test-vectors), of
 * example.org: what a device of others' makes is read as the standard says.
 */
const address = {
  rpId: "example.org",
  isExpected: (origin: string) => origin === "https://example.org",
  relatedOrigins: [],
};
const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64url");

function answer(id: string, response: Readonly<Record<string, string>>) {
  const encoded = Object.fromEntries(Object.entries(response).map(([name, hex]) => [name, base64(hex)]));
  return {
    id: base64(id),
    rawId: base64(id),
    type: "public-key",
    response: encoded,
    clientExtensionResults: {},
  };
}

/** Section 16.3: packed, self attestation, its user verified. */
const selfAttested = answer("455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58c", {
  clientDataJSON:
    "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a2265476e4374334c55745936366b336a506a796e6962506b31716e666644616966715a774c33417032392d55222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a205539685458764b453255526b4d6e625f307859485667227d",
  attestationObject:
    "a363666d74667061636b65646761747453746d74a263616c672663736967584630440220067a20754ab925005dbf378097c92120031581c73228d1fb4f5b881bcd7da98302207fc7b147558c7c0eba3af18bd9d121fa3d3a26d17fe3f220272178f473b6006d68617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b55d00000000df850e09db6afbdfab51697791506cfc0020455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58ca5010203262001215820eb151c8176b225cc651559fecf07af450fd85802046656b34c18f6cf193843c5225820927b8aa427a2be1b8834d233a2d34f61f13bfd44119c325d5896e183fee484f2",
});
/** Section 16.2: no attestation, nobody verified. */
const unverified = answer("f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4", {
  clientDataJSON:
    "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22414d4d507434557878475453746e63647134313759447742466938767049612d7077386f4f755657345441222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a20426b5165446a646354427258426941774a544c453551227d",
  attestationObject:
    "a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220",
});
/** Section 16.4: made in a frame of another origin. */
const framed = answer("6e1050c0d2ca2f07c755cb2c66a74c64fa43065c18f938354d9915db2bd5ce57", {
  clientDataJSON:
    "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a224f2d57717a514e5463554a484930437257576e7951504859647862694332674872434d475666704c4f306b222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a747275652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a207a5a7175457444523944577170573574425754467567227d",
  attestationObject:
    "a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b54500000000883f4f6014f19c09d87aa38123be48d000206e1050c0d2ca2f07c755cb2c66a74c64fa43065c18f938354d9915db2bd5ce57a501020326200121582022200a473f90b11078851550d03b4e44a2279f8c4eca27b3153dedfe03e4e97d225820cbd0be95e746ad6f5a8191be11756e4c0420e72f65b466d39bc56b8b123a9c6e",
});

/** Section 16.6: its user verified; the passkey with a long id, whose key this is. */
const longKey =
  "a50102032620012158203b8176b7504489cc593046d7988abb7905a742de6ac2cdc748a873c663e90cb12258201436d5edc9a75f23999eef9d5950a5c2455514ee1014084720f841a06b828a11";
const assertion = {
  authenticatorData: "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50d00000000",
  clientDataJSON:
    "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a22377833727057334f53505a307045664d396a75566d53574d36485a4935634f573875384d6f647047446a73222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73657d",
  signature:
    "304502203ecef83fb12a0cae7841055f9f87103a99fd14b424194bbf06c4623d3ee6e3fd022100d2ace346db262b1374a6b70faa51f518a42ddca13a4125ce6f5052a75bac9fb6",
};
const passkey = { credential_id: base64("00"), public_key: base64(longKey) };
const show = (changed: Partial<typeof assertion> = {}) => {
  const shown = answer("00", { ...assertion, ...changed });
  return shownRight(address, shown, { challenge: challengeIn(shown), passkey });
};

describe("a registration", () => {
  it("is read as the standard's vector says", async () => {
    const challenge = base64("7869c2b772d4b58eba9378cf8f29e26cf935aa77df0da89fa99c0bdc0a76f7e5");
    expect(challengeIn(selfAttested)).toBe(challenge);
    expect(await registered(address, selfAttested, challenge)).toEqual({
      ...{ credential_id: selfAttested.id, counter: 0, transports: "" },
      ...{ device_type: "multiDevice", backed_up: 1, aaguid: "df850e09-db6a-fbdf-ab51-697791506cfc" },
      public_key: base64(
        "a5010203262001215820eb151c8176b225cc651559fecf07af450fd85802046656b34c18f6cf193843c5225820927b8aa427a2be1b8834d233a2d34f61f13bfd44119c325d5896e183fee484f2",
      ),
    });
  });

  it.each([
    ["nobody was verified", unverified],
    ["the page was in a frame of another origin", framed],
  ])("is refused where %s", async (_why, shown) => {
    await expect(registered(address, shown, challengeIn(shown))).rejects.toThrow(PasskeyRefused);
  });

  it("is refused for another challenge, domain or origin", async () => {
    const challenge = challengeIn(selfAttested);
    const others = { ...address, rpId: "example.com" };
    const elsewhere = { ...address, isExpected: () => false };
    await expect(registered(address, selfAttested, "A".repeat(43))).rejects.toThrow(PasskeyRefused);
    await expect(registered(others, selfAttested, challenge)).rejects.toThrow(PasskeyRefused);
    await expect(registered(elsewhere, selfAttested, challenge)).rejects.toThrow(PasskeyRefused);
  });
});

describe("a passkey that is shown", () => {
  it("is right by the standard's vector", async () => {
    expect(await show()).toEqual({ counter: 0, device_type: "multiDevice", backed_up: 0 });
  });

  it("is refused where one bit is another", async () => {
    // Not verified, and another signature.
    const { authenticatorData, signature } = assertion;
    await expect(show({ authenticatorData: authenticatorData.replace("b50d", "b509") })).rejects.toThrow(
      PasskeyRefused,
    );
    await expect(show({ signature: signature.replace("fb6", "fb7") })).rejects.toThrow(PasskeyRefused);
  });
});
