import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dataFolder, type ProductProcess, startProduct, waitUntil } from "../support/product-process.ts";

/** A real process that is asked for more than it can answer, and how it gets over it. */
let folder: ReturnType<typeof dataFolder>;
let api: ProductProcess;
beforeAll(async () => {
  folder = dataFolder();
  api = await startProduct("serve", { DATA_DIR: folder.path, MOST_REQUESTS: "20", LISTEN_BACKLOG: "1000" });
});
afterAll(async () => {
  await api?.stop();
  folder?.release();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
const origin = "http://localhost:8080";

function ask(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(`${api.url}${path}`, { agent, headers: { origin, ...headers } }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body }));
      response.on("error", reject);
    })
      .on("error", reject)
      .end();
  });
}

/** Asks by so many connections, each again as soon as it is answered, until `isEnough`. Every request is answered. */
async function flood(
  connections: number,
  pathOf: (n: number) => string,
  isEnough: (answer: Answer) => boolean,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  let enough = false;
  let asked = 0;
  async function client(): Promise<void> {
    while (!enough) {
      const answer = await ask(pathOf(asked++));
      answers.push(answer);
      if (isEnough(answer)) enough = true;
    }
  }
  await Promise.all(Array.from({ length: connections }, client));
  expect(answers.length).toBe(asked);
  return answers;
}

const codeFor = (n: number) => `/verifications/email_codes/flood${n}@example.com/?send_type=register`;
const isRefused = ({ status }: Answer) => status === 503;

test("more dear requests than it can answer: 503 with Retry-After, as pages of the site can read it", async () => {
  const answers = await flood(800, codeFor, isRefused);
  const refused = answers.find(isRefused)!;
  expect(JSON.parse(refused.body)).toEqual({ detail: "服务器繁忙，请稍后再试。" });
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  expect(refused.headers).toMatchObject({
    ...{ "access-control-allow-origin": origin, vary: "Origin", "cache-control": "no-store" },
    ...{ "content-type": "application/json; charset=utf-8", "content-language": "zh-Hans" },
    ...{ "x-content-type-options": "nosniff" },
  });
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
  expect(answers.some(({ status }) => status === 200)).toBe(true);
}, 120_000);

test("health is told meanwhile, and the whole is two lines in the log", async () => {
  let healthy = 0;
  const answers = await flood(
    800,
    (n) => (n % 3 === 0 ? "/healthz" : codeFor(100_000 + n)),
    (answer) => {
      if (answer.body.includes('"ok"')) healthy++;
      return isRefused(answer) && healthy > 100;
    },
  );
  const health = answers.filter(({ body }) => body.includes("status"));
  expect(new Set(health.map(({ status }) => status))).toEqual(new Set([200]));
  await waitUntil(() => api.output().includes("the overload is over"), 20, "the end in the log");
  expect(api.output().match(/overload: requests are refused/g)!.length).toBeLessThan(5);
  expect(api.output()).not.toContain("request failed");
}, 120_000);

test("when it is over, everybody is served as before", async () => {
  const count = async () => (await ask("/users/usernames/somebody/count/")).status;
  await waitUntil(async () => (await count()) === 200, 20, "an answer");
  expect((await ask(codeFor(999_999))).status).toBe(200);
}, 60_000);

test("a client that understands it gets a problem in its language", async () => {
  const accept = { accept: "application/problem+json", "accept-language": "en" };
  let problem: Answer | null = null;
  const asking = (async () => {
    while (problem === null) {
      const answer = await ask(codeFor(2_000_000), accept);
      if (isRefused(answer)) problem = answer;
    }
  })();
  await flood(
    800,
    (n) => codeFor(3_000_000 + n),
    () => problem !== null,
  );
  await asking;
  expect(JSON.parse(problem!.body)).toMatchObject({
    ...{ status: 503, code: "busy", title: "The server is busy. Please try again shortly." },
    retryAfterSeconds: Number(problem!.headers["retry-after"]),
  });
}, 120_000);
