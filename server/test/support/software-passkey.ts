import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/**
 * A device with passkeys, by W3C Web Authentication Level 3 and CTAP's CBOR alone, so that it shares nothing with what it is
 * tried on. What it makes and shows can be told to be wrong in one way.
 */
export interface Wrongly {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly isUserVerified?: boolean;
  readonly userHandle?: string | null;
  /** In place of what the device counts. */
  readonly counter?: number;
  readonly id?: string;
}

/** `navigator.credentials`' answer, as JSON. */
export type Shown = Record<string, unknown> & {
  readonly id: string;
  readonly response: Record<string, unknown>;
};

export interface SoftwarePasskey {
  readonly id: string;
  /** Makes the passkey by what the API asked for. */
  register(options: Options, wrongly?: Wrongly): Shown;
  /** Shows it. */
  show(options: Options, wrongly?: Wrongly): Shown;
}

interface Options {
  readonly challenge?: string;
  readonly rp?: { readonly id?: string };
  readonly rpId?: string;
  readonly user?: { readonly id?: string };
}

export interface DeviceOptions {
  readonly origin?: string;
  readonly algorithm?: "ES256" | "EdDSA" | "RS256";
  /** Whether it counts: synced passkeys say 0 each time. */
  readonly counts?: boolean;
  readonly isSynced?: boolean;
  readonly aaguid?: string;
}

const testOrigin = "http://localhost:8080";

export function softwarePasskey(device: DeviceOptions = {}): SoftwarePasskey {
  const { origin = testOrigin, algorithm = "ES256", counts = false, isSynced = true } = device;
  const { privateKey, cose } = newKey(algorithm);
  const id = randomBytes(32);
  let counter = 0;
  let handle = "";

  function clientData(type: string, { challenge }: Options, wrongly: Wrongly): Buffer {
    const data = {
      ...{ type: wrongly.type ?? type, challenge: wrongly.challenge ?? challenge },
      ...{ origin: wrongly.origin ?? origin, crossOrigin: wrongly.crossOrigin ?? false },
    };
    return Buffer.from(JSON.stringify(data));
  }

  function authenticatorData(options: Options, wrongly: Wrongly, attested: Buffer | null): Buffer {
    const rpId = wrongly.rpId ?? options.rpId ?? options.rp?.id ?? "";
    const verified = wrongly.isUserVerified ?? true;
    const flags = 1 | (verified ? 4 : 0) | (isSynced ? 8 + 16 : 0) | (attested ? 64 : 0);
    const count = Buffer.alloc(4);
    if (counts) counter++;
    count.writeUInt32BE(wrongly.counter ?? counter);
    return Buffer.concat([
      sha256(Buffer.from(rpId)),
      Buffer.from([flags]),
      count,
      attested ?? Buffer.alloc(0),
    ]);
  }

  const answer = (wrongly: Wrongly, response: Record<string, unknown>): Shown => {
    const shownId = wrongly.id ?? text(id);
    return { id: shownId, rawId: shownId, type: "public-key", response, clientExtensionResults: {} };
  };

  return {
    id: text(id),

    register(options, wrongly = {}) {
      handle = options.user?.id ?? "";
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const aaguid = Buffer.from((device.aaguid ?? "0".repeat(32)).replaceAll("-", ""), "hex");
      const attested = Buffer.concat([aaguid, length, id, cose]);
      const attestationObject = cborMap([
        ["fmt", cborText("none")],
        ["attStmt", cborMap([])],
        ["authData", cborBytes(authenticatorData(options, wrongly, attested))],
      ]);
      return answer(wrongly, {
        clientDataJSON: text(clientData("webauthn.create", options, wrongly)),
        attestationObject: text(attestationObject),
        transports: ["internal", "hybrid"],
      });
    },

    show(options, wrongly = {}) {
      const data = clientData("webauthn.get", options, wrongly);
      const authenticator = authenticatorData(options, wrongly, null);
      const signed = Buffer.concat([authenticator, sha256(data)]);
      const userHandle = wrongly.userHandle === undefined ? handle : wrongly.userHandle;
      return answer(wrongly, {
        clientDataJSON: text(data),
        authenticatorData: text(authenticator),
        signature: text(sign(algorithm === "EdDSA" ? null : "sha256", signed, privateKey)),
        ...(userHandle !== null && { userHandle }),
      });
    },
  };
}

function newKey(algorithm: "ES256" | "EdDSA" | "RS256"): { privateKey: KeyObject; cose: Buffer } {
  if (algorithm === "EdDSA") {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const { x = "" } = publicKey.export({ format: "jwk" });
    return {
      privateKey,
      cose: coseKey([
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, x],
      ]),
    };
  }
  if (algorithm === "RS256") {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { n = "", e = "" } = publicKey.export({ format: "jwk" });
    return {
      privateKey,
      cose: coseKey([
        [1, 3],
        [3, -257],
        [-1, n],
        [-2, e],
      ]),
    };
  }
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  return {
    privateKey,
    cose: coseKey([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, x],
      [-3, y],
    ]),
  };
}

/** RFC 9052: numbers, and byte strings in base64url. */
function coseKey(entries: readonly (readonly [number, number | string])[]): Buffer {
  const parts = entries.flatMap(([name, value]) => [
    cborNumber(name),
    typeof value === "number" ? cborNumber(value) : cborBytes(Buffer.from(value, "base64url")),
  ]);
  return Buffer.concat([head(5, entries.length), ...parts]);
}

/** RFC 8949. */
const head = (major: number, count: number) => {
  if (count < 24) return Buffer.from([(major << 5) | count]);
  if (count < 256) return Buffer.from([(major << 5) | 24, count]);
  return Buffer.from([(major << 5) | 25, count >> 8, count & 255]);
};
const cborNumber = (value: number) => (value < 0 ? head(1, -1 - value) : head(0, value));
const cborBytes = (bytes: Buffer) => Buffer.concat([head(2, bytes.length), bytes]);
const cborText = (value: string) => Buffer.concat([head(3, value.length), Buffer.from(value)]);
const cborMap = (entries: readonly (readonly [string, Buffer])[]) =>
  Buffer.concat([head(5, entries.length), ...entries.flatMap(([name, value]) => [cborText(name), value])]);

const text = (bytes: Buffer) => bytes.toString("base64url");
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest();
