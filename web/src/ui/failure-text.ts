/** Words for a failed call: what happened and what to do, in the reader's language. */
import { ApiError } from "@meiduo/client";
import { text } from "../language.ts";

export interface Failure {
  readonly message: string;
  /** A second, smaller line: the request id to report. */
  readonly detail: string | null;
}

export function describeFailure(error: unknown, online: boolean = navigator.onLine): Failure {
  if (!(error instanceof ApiError)) return { message: text("failure.internal"), detail: null };
  const seconds = error.retryAfterSeconds;
  switch (error.code) {
    case "network":
      return plain(online ? "failure.network" : "failure.offline");
    case "timeout":
      return plain("failure.timeout");
    case "not_the_api":
      return error.status >= 500 ? plain("failure.busy") : plain("failure.notTheApi");
    case "throttled":
      return seconds ? plain("failure.throttled", { seconds }) : plain("failure.throttledSoon");
    case "busy":
    case "unavailable":
      return seconds ? plain("failure.busyFor", { seconds }) : plain("failure.busy");
    case "internal":
      return {
        message: text("failure.internal"),
        detail: error.requestId ? text("failure.request", { id: error.requestId }) : null,
      };
    default:
      return { message: error.message, detail: null };
  }
}

function plain(key: string, values: Record<string, unknown> = {}): Failure {
  return { message: text(key, values), detail: null };
}
