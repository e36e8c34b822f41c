import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { AppError } from "../errors/errors.ts";
import type { Hooks, SessionEvent } from "./hook-events.ts";
import { createRunHooks, type FailRule } from "./run-hooks.ts";

const event: SessionEvent = {
  ...{ user_id: 7, username: "python01", email: null, is_staff: false, is_superuser: false },
  ...{ way: "password", provider: null },
};

function run(hooks: Hooks, rule: FailRule = "closed") {
  const lines: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const hookFailRules = { beforeSignUp: rule, beforeSession: rule, claims: rule };
  const parts = { hooks, log, hookTimeoutMillis: 100, hookFailRules };
  return { ...createRunHooks(parts), lines };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "passed",
    (error: unknown) => (error instanceof AppError ? error.code : error),
  );

describe("hooks of an embedding program", () => {
  it("are asked for nothing where there are none", async () => {
    const hooks = run({});
    expect(await codeOf(hooks.beforeSession(event))).toBe("passed");
    expect(await hooks.claims(event)).toBeUndefined();
  });

  it("let pass, or refuse with a sentence for each language", async () => {
    expect(await codeOf(run({ beforeSession: () => ({ allow: true }) }).beforeSession(event))).toBe("passed");
    const refuse = run({ beforeSession: async () => ({ allow: false, message: { zh: "不行", en: "No" } }) });
    const error = await refuse.beforeSession(event).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "hook_refused", parameters: { zh: "不行", en: "No" } });
  });

  const failing: readonly [string, Hooks["beforeSession"]][] = [
    [
      "throws",
      () => {
        throw new Error("secret of the hook");
      },
    ],
    ["rejects", async () => Promise.reject(new Error("down"))],
    ["never answers", () => new Promise(() => {})],
    ["answers nonsense", async () => "yes" as never],
    ["answers nothing", async () => undefined as never],
  ];
  it.each(failing)("that %s is judged by its rule, and is in the log", async (_what, beforeSession) => {
    const closed = run({ beforeSession: beforeSession! });
    expect(await codeOf(closed.beforeSession(event))).toBe("unavailable");
    const open = run({ beforeSession: beforeSession! }, "open");
    expect(await codeOf(open.beforeSession(event))).toBe("passed");
    expect(open.lines).toMatchObject([{ hook: "beforeSession", rule: "open", msg: "a hook failed" }]);
  });

  it("that is late is told so by its signal", async () => {
    let aborted = false;
    const late = run({
      beforeSession: (_event, signal) =>
        new Promise(() =>
          signal.addEventListener("abort", () => {
            aborted = true;
          }),
        ),
    });
    expect(await codeOf(late.beforeSession(event))).toBe("unavailable");
    expect(aborted).toBe(true);
  });

  it("change nothing by changing what they were told", async () => {
    const mine = { ...event };
    await run({
      beforeSession(told) {
        (told as { user_id: number }).user_id = 1;
        return { allow: true };
      },
    }).beforeSession(mine);
    expect(mine).toEqual(event);
  });

  it("hold at most a hundred places; further ones fail at once, until some end", async () => {
    let asked = 0;
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const slow = run(
      {
        async beforeSession() {
          asked++;
          await ended;
          return { allow: true };
        },
      },
      "open",
    );
    const all = Array.from({ length: 130 }, () => codeOf(slow.beforeSession(event)));
    await Promise.all(all);
    expect(asked).toBe(100);
    end();
    await ended;
    await new Promise(setImmediate);
    await slow.beforeSession(event);
    expect(asked).toBe(101);
  });
});
