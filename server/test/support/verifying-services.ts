import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmptyFolder, emptyFolder, type Started } from "./empty-folder.ts";
import { claimsOf } from "./forged-token.ts";
import { freePort } from "./free-port.ts";
import { type KeyServer, signingKey, startKeyServer } from "./key-server.ts";
import {
  dataFolder,
  type ProductProcess,
  productSecretKey,
  startProduct,
  waitUntil,
} from "./product-process.ts";
import { type Shown, underPublicKeys, underSharedKey } from "./token-table.ts";
import { signUpByMailbox, visitors } from "./visitors.ts";

/** One of examples/ that verifies our access tokens by itself. */
export interface VerifyingService {
  /** Its folder. */
  readonly name: string;
  /** What starts it, there. */
  readonly line: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Makes a copy ready to start. */
  readonly prepare?: (folder: EmptyFolder) => Promise<void>;
}

const examples = resolve(import.meta.dirname, "../../../examples");
const ours = { audience: "https://orders.example", issuer: "https://accounts.example" };
const cooldownSeconds = 1;

/** Declares the tests of each: started twice, by the shared key and by public keys, and shown the table of tokens. */
export function testVerifyingServices(services: readonly VerifyingService[]): void {
  const folders = new Map<string, EmptyFolder>();
  const data = dataFolder();
  let accounts: ProductProcess;
  let keys: KeyServer;
  beforeAll(async () => {
    [accounts, keys] = await Promise.all([
      startProduct("start", { DATA_DIR: data.path, WEB_PORT: "0" }),
      startKeyServer(),
      ...services.map(async ({ name, prepare }) => {
        const folder = emptyFolder({ filledFrom: join(examples, name) });
        folders.set(name, folder);
        await prepare?.(folder);
      }),
    ]);
    await signUpByMailbox(accounts.url, "python01");
  });
  afterAll(async () => {
    for (const folder of folders.values()) await folder.remove();
    keys?.close();
    await accounts?.stop();
    data.release();
  });

  async function logIn(): Promise<{ token: string; refresh_token: string }> {
    const answer = await visitors(accounts.url).logIn("python01", { refresh: true });
    expect(answer.status, answer.body).toBe(200);
    return JSON.parse(answer.body);
  }

  describe.each(services.map((service) => [service.name, service] as const))("%s", (name, service) => {
    it("by the shared key: takes our token and nothing else, and an ended session's until it expires", async () => {
      const [url, started] = await start(folders.get(name)!, service, { SECRET_KEY: productSecretKey });
      const { token, refresh_token } = await logIn();
      const { exp: _exp, ...claims } = claimsOf(token);
      const table = underSharedKey(productSecretKey, { ...claims, exp: soon() }, refresh_token);
      expect(await answersTo(url, table)).toEqual(expected(table));
      expect(await refusalOf(url)).toEqual([401, "token_not_valid"]);

      const atOurs = async (path: string, method = "GET") =>
        (await fetch(`${accounts.url}${path}`, { method, headers: { authorization: `JWT ${token}` } }))
          .status;
      expect(await atOurs("/user/sessions/current/", "DELETE")).toBe(204);
      expect(await atOurs("/user/")).toBe(401);
      // As docs/verify-tokens.md says: only the account server knows.
      expect(await show(url, `JWT ${token}`)).toEqual([200, "python01"]);
      await started.stop();
    });

    it("by public keys: takes theirs and nothing else, and fetches once for any number of unknown ones", async () => {
      const key = signingKey("first");
      keys.publish(key);
      const [url, started] = await start(folders.get(name)!, service, {
        ...{ ACCOUNTS_JWKS: keys.url, JWKS_COOLDOWN: String(cooldownSeconds) },
        ...{ TOKEN_AUDIENCE: ours.audience, TOKEN_ISSUER: ours.issuer },
      });
      const { exp: _exp, ...claims } = claimsOf((await logIn()).token);
      const table = underPublicKeys(key, { ...claims, exp: soon() }, ours);
      expect(await answersTo(url, table)).toEqual(expected(table));

      const full = { ...claims, exp: soon(), aud: ours.audience, iss: ours.issuer };
      const showMadeUp = async () => {
        const [before, begin] = [keys.fetches(), performance.now()];
        for (let i = 0; i < 40; i++)
          expect((await show(url, `JWT ${key.sign(full, { kid: `made up ${i}` })}`))[0]).toBe(401);
        const most = 1 + Math.ceil((performance.now() - begin) / 1000 / cooldownSeconds);
        expect(keys.fetches() - before).toBeLessThanOrEqual(most);
      };
      await showMadeUp();

      // Known keys go on while the set can't be fetched; a new one is found when it can again.
      keys.fail();
      await showMadeUp();
      const next = signingKey("next");
      expect(await show(url, `JWT ${key.sign(full)}`)).toEqual([200, "python01"]);
      keys.publish(key, next);
      const isTaken = async () => (await show(url, `JWT ${next.sign(full)}`))[0] === 200;
      await waitUntil(isTaken, 60, "the new key");
      expect(await show(url, `JWT ${key.sign(full)}`)).toEqual([200, "python01"]);
      await started.stop();
    });
  });
}

const soon = () => Math.floor(Date.now() / 1000) + 3600;

async function start(
  folder: EmptyFolder,
  { line, env = {} }: VerifyingService,
  settings: Record<string, string>,
): Promise<[url: string, Started]> {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const started = await folder.start(line, "http://", { ...env, ...settings, PORT: port });
  const serves = async () => (await fetch(`${url}/goods/`).catch(() => null))?.status === 200;
  await waitUntil(serves, 60, `an answer of ${line}:\n${started.output()}`);
  return [url, started];
}

async function show(url: string, authorization: string | null): Promise<[status: number, of: unknown]> {
  const headers: Record<string, string> = authorization === null ? {} : { authorization };
  const answer = await fetch(`${url}/orders/`, { headers });
  const { of } = (await answer.json()) as { of?: string };
  return [answer.status, of];
}

async function refusalOf(url: string): Promise<[status: number, code: unknown]> {
  const answer = await fetch(`${url}/orders/`, { headers: { authorization: "Bearer x.y.z" } });
  return [answer.status, ((await answer.json()) as { code?: string }).code];
}

async function answersTo(url: string, table: readonly Shown[]): Promise<string[]> {
  const lines: string[] = [];
  for (const { what, authorization } of table) {
    const [status, of] = await show(url, authorization);
    lines.push(`${what}: ${status}${of === undefined ? "" : ` ${of}`}`);
  }
  return lines;
}

const expected = (table: readonly Shown[]) =>
  table.map(({ what, status }) => `${what}: ${status}${status === 200 ? " python01" : ""}`);
