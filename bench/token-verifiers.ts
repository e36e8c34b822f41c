import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { createVerifier } from "fast-jwt";
import { jwtVerify } from "jose";

/**
 * What it costs to verify one access token, by the libraries that could: CPU of the whole process for each, the least of
 * five rounds. Not seen before but where it says so. `node bench/token-verifiers.ts` prints a table; nothing else should run meanwhile.
 */
const claims = {
  user_id: 1,
  username: "python01",
  exp: 4_000_000_000,
  email: "44@qq.com",
  token_type: "access",
};
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const tokensOfRound = 2000;
/** More than a memory of 10,000 holds: what it costs to keep a token and drop another is in the figure. */
const hs256TokensOfRound = 20_000;

interface Subject {
  readonly name: string;
  verify(token: string): unknown;
}

function tokensOf(algorithm: string, key: KeyObject, round: number): string[] {
  return Array.from({ length: tokensOfRound }, (_, n) => {
    const text = `${part({ typ: "JWT", alg: algorithm, kid: "k" })}.${part({ ...claims, jti: `${round}.${n}` })}`;
    const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
    return `${text}.${signature.toString("base64url")}`;
  });
}

function subjectsOf(algorithm: "ES256" | "RS256", publicKey: KeyObject): Subject[] {
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  const fast = createVerifier({ key: pem, algorithms: [algorithm], complete: true, cache: 10_000 });
  const opened = createPublicKey(pem);
  return [
    { name: "fast-jwt", verify: (token) => fast(token) },
    { name: "jose", verify: (token) => jwtVerify(token, publicKey, { algorithms: [algorithm] }) },
    {
      name: "node:crypto alone",
      verify(token) {
        const [header, payload, signature] = token.split(".") as [string, string, string];
        const text = Buffer.from(`${header}.${payload}`);
        const options = { key: opened, dsaEncoding: "ieee-p1363" } as const;
        if (!verify("sha256", text, options, Buffer.from(signature, "base64url"))) throw new Error("refused");
        return JSON.parse(Buffer.from(payload, "base64url").toString());
      },
    },
  ];
}

const secret = Buffer.from("a key for measuring only, thirty-two bytes or more");
const options = { key: secret, algorithms: ["HS256" as const], complete: true };

function hs256Tokens(round: number): string[] {
  return Array.from({ length: hs256TokensOfRound }, (_, n) => {
    const text = `${part({ typ: "JWT", alg: "HS256" })}.${part({ ...claims, jti: `${round}.${n}` })}`;
    return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
  });
}

function hs256Subjects(tokens: readonly string[]): Subject[] {
  const remembering = createVerifier({ ...options, cache: 10_000 });
  const known = tokens.slice(-1000);
  for (const token of known) remembering(token);
  let asked = 0;
  const forgetful = createVerifier({ ...options, cache: false });
  const fresh = createVerifier({ ...options, cache: 10_000 });
  return [
    {
      name: "fast-jwt that remembers 10,000, seen before",
      verify: () => remembering(known[asked++ % known.length]!),
    },
    { name: "fast-jwt that remembers 10,000", verify: (token) => fresh(token) },
    { name: "fast-jwt that remembers none", verify: (token) => forgetful(token) },
    {
      name: "node:crypto alone",
      verify(token) {
        const end = token.lastIndexOf(".");
        const given = Buffer.from(token.slice(end + 1), "base64url");
        const right = createHmac("sha256", secret).update(token.slice(0, end)).digest();
        if (given.length !== right.length || !timingSafeEqual(given, right)) throw new Error("refused");
        return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
      },
    },
  ];
}

/** Microseconds of CPU for each token. */
async function costOf(subject: Subject, tokens: readonly string[]): Promise<number> {
  const before = process.cpuUsage();
  for (const token of tokens) await subject.verify(token);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / tokens.length;
}

const pairs = {
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  RS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
} as const;
async function table(
  algorithm: string,
  makeTokens: (round: number) => string[],
  subjects: (tokens: readonly string[]) => Subject[],
): Promise<void> {
  const costs = new Map<string, number>();
  for (let round = 0; round < 5; round++) {
    const tokens = makeTokens(round);
    for (const subject of subjects(tokens)) {
      const cost = await costOf(subject, tokens);
      costs.set(subject.name, Math.min(cost, costs.get(subject.name) ?? Number.POSITIVE_INFINITY));
    }
  }
  for (const [name, cost] of costs) process.stdout.write(`| ${algorithm} | ${name} | ${cost.toFixed(1)} |\n`);
}

process.stdout.write("| algorithm | by | CPU µs a token |\n| --- | --- | ---: |\n");
await table("HS256", hs256Tokens, hs256Subjects);
for (const [algorithm, pair] of Object.entries(pairs) as ["ES256" | "RS256", typeof pairs.ES256][]) {
  await table(
    algorithm,
    (round) => tokensOf(algorithm, pair.privateKey, round),
    () => subjectsOf(algorithm, pair.publicKey),
  );
}
