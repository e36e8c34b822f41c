import { decideInSandbox } from "../sandbox/decide.ts";
import { createSandbox } from "../sandbox/sandbox.ts";
import type { App } from "../server/src/app/app-interface.ts";
import type { Config } from "../server/src/config/config.ts";
import { ToldError } from "../server/src/errors/told-error.ts";

/** Ties an account to a person of the sandbox, as that person does it: by the API and the provider's own page. */
const provider = "qq";
/** Of sandbox/people.ts. */
export const boundPerson = { id: "xiaomei", nickname: "小美" } as const;

/** Whether the sandbox stands in for the provider here: with credentials of its own nobody of the sandbox comes. */
export function isImitated({ oauth }: Config): boolean {
  const setup = oauth.providers.find(({ definition }) => definition.name === provider);
  return oauth.sandboxPort !== null && setup?.configured.length === 0;
}

/** Runs `work` with a sandbox at `origin`, of its own: who is who does not depend on the process that imitates. */
export async function withSandbox<T>(config: Config, work: (origin: string) => Promise<T>): Promise<T> {
  const sandbox = await createSandbox({ environment: config.environment });
  try {
    return await work(await sandbox.listen({ host: "127.0.0.1", port: 0 }));
  } finally {
    await sandbox.close();
  }
}

/** Doing it twice changes nothing. Throws a ToldError where the person is another account's already. */
export async function bindInSandbox(app: App, username: string, password: string): Promise<void> {
  const { token } = await call(app, "POST", "/users/authorizations/", { payload: { username, password } });
  const headers = { authorization: `JWT ${token}` };
  const begun = await app.api.inject({ url: `/oauth/${provider}/authorization/?next=/`, headers });
  const loginUrl = begun.json<{ login_url: string }>().login_url;
  const { answer } = await decideInSandbox(loginUrl, { person: boundPerson.id, decision: "allow" });
  const { searchParams } = new URL(answer.headers.get("location") ?? "");
  const cookie = String(begun.headers["set-cookie"]).split(";", 1)[0]!;
  await call(app, "POST", `/user/bindings/${provider}/`, {
    headers: { ...headers, cookie },
    payload: { code: searchParams.get("code"), state: searchParams.get("state") },
  });
}

async function call(
  app: App,
  method: "POST",
  url: string,
  request: { headers?: Record<string, string>; payload: object },
): Promise<Record<string, unknown>> {
  const answer = await app.api.inject({ method, url, ...request });
  if (answer.statusCode < 300) return answer.json();
  throw new ToldError(
    `${url} 的应答是 ${answer.statusCode}：${answer.body}`,
    `${url} answered ${answer.statusCode}: ${answer.body}`,
  );
}
