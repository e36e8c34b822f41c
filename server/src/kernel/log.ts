import { type DestinationStream, type Logger, pino } from "pino";
import { maskText } from "./mask.ts";

export type Log = Logger;

/**
 * JSON lines on standard output. Never in them: codes, passwords, tokens, full addresses. What callers pass
 * is kept clean by them; what third parties wrote into an error (a constraint's detail quotes the address)
 * is masked here. Guarded by security-log.test.ts, which reads the log of a sign-up and log-ins.
 */
export function createLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError, error: describeError },
    redact: ["password", "token", "code", "authorization", "*.password", "*.token", "*.authorization"],
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination ? pino(options, destination) : pino(options);
}

interface Described {
  type: string;
  message: string;
  code?: string | undefined;
  stack?: string | undefined;
  cause?: Described;
}

function describeError(error: unknown): Described {
  if (!(error instanceof Error)) return { type: typeof error, message: maskText(String(error)) };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: maskText(error.message),
    code: code === undefined ? undefined : String(code),
    // Frames only: the first line repeats the message.
    stack: error.stack
      ?.split("\n")
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 12)
      .join("\n"),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
