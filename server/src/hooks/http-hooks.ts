import type { OutgoingHttp, OutgoingProxy } from "../engines/outgoing-http.ts";
import { type Clock, epochSeconds } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import { readBody } from "../kernel/read-body.ts";
import { signedHeaders } from "../kernel/webhook-signature.ts";
import { guardedHttp, refuseNumber } from "./guarded-agent.ts";
import { HookFailure } from "./hook-answers.ts";
import type { HookName, Hooks } from "./hook-events.ts";

/**
 * Hooks by HTTP, for a site that doesn't embed the server: each is a signed POST of JSON. Promises: no redirect is
 * followed, no cookie kept, no more than 16 KB of an answer read, nothing but JSON under 200 believed; only public addresses
 * are connected to, but for hosts that the operator names.
 */
export interface HttpHookSettings {
  readonly hookUrls: Readonly<Partial<Record<HookName, string>>>;
  /** Null where no address is set. */
  readonly hookSecret: Buffer | null;
  /** Hosts that may be private. */
  readonly hookPrivateHosts: readonly string[];
  readonly hookTimeoutMillis: number;
}

/** The operator's proxy, which other HTTP to the outside goes through as well. */
export interface HttpHookWays {
  readonly outgoingProxy: OutgoingProxy;
}

export interface HttpHooks {
  readonly hooks: Hooks;
  close(): Promise<void>;
}

const longestAnswer = 16 * 1024;
const privateHostsSetting = "HOOK_PRIVATE_HOSTS";
const types = { beforeSignUp: "before_sign_up", beforeSession: "before_session", claims: "claims" } as const;

export function createHttpHooks(settings: HttpHookSettings & HttpHookWays, clock: Clock): HttpHooks {
  const { hookUrls, hookSecret, hookPrivateHosts: privateHosts } = settings;
  let opened: Promise<OutgoingHttp> | null = null;
  const http = () => {
    opened ??= guardedHttp({
      ...{ privateHosts, timeoutMillis: settings.hookTimeoutMillis },
      ...{ proxy: settings.outgoingProxy, setting: privateHostsSetting },
    });
    return opened;
  };

  const hookTo = (name: HookName) => {
    const url = hookUrls[name];
    if (url === undefined || hookSecret === null) return {};
    const hook = async (data: object, signal: AbortSignal): Promise<unknown> => {
      const body = JSON.stringify({
        type: types[name],
        timestamp: new Date(clock.now()).toISOString(),
        data,
      });
      const signed = { id: `msg_${randomToken(16)}`, seconds: epochSeconds(clock), body };
      refuseNumber(url, privateHosts, privateHostsSetting);
      const { request, dispatcher } = await (await http()).client();
      const answer = await request(url, {
        method: "POST",
        headers: {
          ...signedHeaders(hookSecret, signed),
          ...{ "content-type": "application/json", accept: "application/json" },
        },
        ...{ body, signal, dispatcher },
      });
      return readAnswer(answer.statusCode, answer.headers["content-type"], answer.body);
    };
    return { [name]: hook };
  };

  return {
    hooks: { ...hookTo("beforeSignUp"), ...hookTo("beforeSession"), ...hookTo("claims") },
    close: async () => (await opened)?.close(),
  };
}

interface Body extends AsyncIterable<Buffer> {
  destroy(): unknown;
  on(event: "error", listener: () => void): unknown;
}

async function readAnswer(status: number, type: string | string[] | undefined, body: Body): Promise<unknown> {
  try {
    if (status !== 200) throw new HookFailure(`answered ${status}`);
    if (!/^application\/json\s*(;|$)/i.test(String(type ?? "")))
      throw new HookFailure("the answer is not JSON");
    const tooLarge = () => new HookFailure(`an answer of more than ${longestAnswer} bytes`);
    return parse((await readBody(body, longestAnswer, tooLarge)).toString("utf8"));
  } finally {
    // What is left of it is not waited for. That it was cut off is an event, which ends a process that doesn't listen.
    body.on("error", () => {});
    body.destroy();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Never its text: what a stranger wrote does not belong into the log.
    throw new HookFailure("the answer is not JSON", { cause: error });
  }
}
