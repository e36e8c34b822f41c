/**
 * Words for a failed call: what happened and what to do, in the reader's language. Ours follow a switch of language while
 * they are shown; the server's stay as they came.
 */
import { ApiError } from "@meiduo/client";
import { text } from "../language.ts";

export interface Failure {
  readonly message: string;
  /** A second, smaller line: the request id to report. */
  readonly detail: string | null;
}

export function describeFailure(error: unknown, online: boolean = navigator.onLine): Failure {
  if (!(error instanceof ApiError)) return ownFailure("failure.internal");
  const seconds = error.retryAfterSeconds;
  switch (error.code) {
    case "network":
      return ownFailure(online ? "failure.network" : "failure.offline");
    case "timeout":
      return ownFailure("failure.timeout");
    case "not_the_api":
      return error.status >= 500 ? ownFailure("failure.busy") : ownFailure("failure.notTheApi");
    case "throttled":
      return seconds ? ownFailure("failure.throttled", { seconds }) : ownFailure("failure.throttledSoon");
    case "busy":
    case "unavailable":
      return seconds ? ownFailure("failure.busyFor", { seconds }) : ownFailure("failure.busy");
    case "internal":
      return {
        get message() {
          return text("failure.internal");
        },
        get detail() {
          return error.requestId ? text("failure.request", { id: error.requestId }) : null;
        },
      };
    default:
      return { message: error.message, detail: null };
  }
}

/** A failure the site found itself, by the key of its text. */
export function ownFailure(key: string, values: Record<string, unknown> = {}): Failure {
  return {
    get message() {
      return text(key, values);
    },
    detail: null,
  };
}
