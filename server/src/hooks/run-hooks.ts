import { AppError } from "../errors/errors.ts";
import { ToldError } from "../errors/told-error.ts";
import type { Log } from "../kernel/log.ts";
import { HookFailure, readClaims, readVerdict } from "./hook-answers.ts";
import type { Claims, HookName, Hooks, SessionEvent, SignUpEvent } from "./hook-events.ts";

/**
 * Asks the hooks that there are. Promises: an answer is waited for no longer than the time-out, and trusted in nothing; a
 * hook that fails, whichever way, is judged by its rule: `closed` answers 503, `open` goes on as if there were none, and both
 * are in the log; more than a hundred at once count as failed, so that a slow hook can't hold every request (guards:
 * run-hooks.test.ts, http-hooks.test.ts).
 */
export type FailRule = "open" | "closed";

export interface HookSettings {
  readonly hookTimeoutMillis: number;
  readonly hookFailRules: Readonly<Record<HookName, FailRule>>;
}

export interface HookDeps extends HookSettings {
  readonly hooks: Hooks;
  readonly log: Log;
}

/** The hooks as the rest of the server calls them. */
export interface RunHooks {
  /** Errors: `hook_refused` with the hook's sentence, `unavailable`. */
  beforeSignUp(event: SignUpEvent): Promise<void>;
  /** Errors: as above. */
  beforeSession(event: SessionEvent): Promise<void>;
  /** Undefined where there is no such hook. Error: `unavailable`. */
  claims(event: SessionEvent): Promise<Claims | undefined>;
}

const mostAtOnce = 100;

export function createRunHooks({ hooks, log, hookTimeoutMillis, hookFailRules }: HookDeps): RunHooks {
  let running = 0;

  /** The answer as `read` takes it; null where it failed and goes on. */
  async function ask<Event, Answer>(
    name: HookName,
    hook: (event: Event, signal: AbortSignal) => unknown,
    event: Event,
    read: (answer: unknown) => Answer,
  ): Promise<Answer | null> {
    try {
      return read(await within(hook, event));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const rule = hookFailRules[name];
      log.warn({ hook: name, rule, reason: reason.slice(0, 200) }, "a hook failed");
      if (rule === "open") return null;
      throw new AppError("unavailable", { cause: failed(name), retryAfterSeconds: 5 });
    }
  }

  async function within<Event>(
    hook: (event: Event, signal: AbortSignal) => unknown,
    event: Event,
  ): Promise<unknown> {
    if (running >= mostAtOnce) throw new HookFailure(`more than ${mostAtOnce} at once`);
    running++;
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const failure = new HookFailure(`no answer within ${hookTimeoutMillis} ms`);
        reject(failure);
        abort.abort(failure);
      }, hookTimeoutMillis);
    });
    // Its own copy: a hook that changes what it was told changes nothing here.
    const work = (async () => hook(structuredClone(event), abort.signal))();
    // One that doesn't heed the signal still holds its place until it ends.
    void work.then(
      () => running--,
      () => running--,
    );
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async function judge<Event>(
    name: "beforeSignUp" | "beforeSession",
    hook: ((event: Event, signal: AbortSignal) => unknown) | undefined,
    event: Event,
  ): Promise<void> {
    if (hook === undefined) return;
    const verdict = await ask(name, hook, event, readVerdict);
    if (verdict === null || verdict.allow) return;
    const { zh, en } =
      typeof verdict.message === "string" ? { zh: verdict.message, en: verdict.message } : verdict.message;
    throw new AppError("hook_refused", { parameters: { zh, en } });
  }

  return {
    beforeSignUp: (event) => judge("beforeSignUp", hooks.beforeSignUp, event),
    beforeSession: (event) => judge("beforeSession", hooks.beforeSession, event),
    async claims(event) {
      if (hooks.claims === undefined) return undefined;
      return (await ask("claims", hooks.claims, event, readClaims)) ?? undefined;
    },
  };
}

const failed = (name: HookName) =>
  new ToldError(
    `钩子 ${name} 失败，按规则 closed 拒绝了请求，原因见上一行日志；设置见 docs/hooks.md。`,
    `The hook ${name} failed, and its rule "closed" refused the request; the line before says why, docs/hooks.md what can be set.`,
  );
