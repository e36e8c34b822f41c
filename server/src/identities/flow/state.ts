import { type KeyValue, key } from "../../engines/kv/kv.ts";
import { AppError } from "../../errors/errors.ts";
import { constantTimeAny, constantTimeEqual } from "../../kernel/constant-time.ts";
import { secretDigest } from "../../kernel/digest.ts";
import { randomToken } from "../../kernel/ids.ts";
import { deriveKeys, hmac, type SecretKeys } from "../../kernel/keys.ts";
import type { FlowSecrets } from "../providers/provider.ts";

/**
 * The `state` of a log-in under way (RFC 6749 section 10.12): random, signed, for one provider, single-use,
 * 10 minutes; what belongs to it stays on the server. 64 letters and digits, because WeChat allows no more
 * than 128 and nothing else.
 *
 * Attacks, and the tests that guard against them (server/test/api/oauth-takeover.test.ts):
 * - log-in CSRF, somebody else's code brought to the victim's browser: "a state from another browser". Not where
 *   neither the flow's beginning nor the victim's browser showed a cookie: there only the front end's own comparison
 *   of the state helps ("a victim without a cookie…"; the site's: e2e/journeys/third-party.test.ts);
 * - a state kept and used again, or late: "a replayed state", "an old state";
 * - an invented state, or one of another provider: "an invented state", "a state of one provider at another".
 */
export interface Flow {
  readonly provider: string;
  /** Validated by safeNext. */
  readonly next: string;
  readonly secrets: FlowSecrets;
  /** SHA-256 of the id in the browser's cookie. */
  readonly browser: string;
  /**
   * The browser showed its cookie when the flow began, so it must show it at the end. Otherwise it only must
   * not show another: front ends that send no credentials have none to show, and have to compare the state.
   */
  readonly strict: boolean;
  /** The logged-in user who began it, for what `purpose` says. */
  readonly userId: number | null;
  /** Absent in flows that a program before it began, and where somebody logs in or adds a binding. */
  readonly purpose?: "reauthentication";
  /** Epoch milliseconds, beside a purpose. */
  readonly begunAt?: number;
}

const stateLifeSeconds = 600;
const form = /^[0-9a-f]{64}$/;

export type States = ReturnType<typeof createStates>;

export function createStates({ kv, secretKeys }: { kv: KeyValue; secretKeys: SecretKeys }) {
  const keys = deriveKeys(secretKeys, "oauth state");
  const signBy = (key: Buffer, provider: string, id: string) =>
    hmac(key, provider, id).toString("hex").slice(0, 32);

  return {
    async issue(flow: Flow): Promise<string> {
      const id = Buffer.from(randomToken(16), "base64url").toString("hex");
      await kv.set(key("state", id), JSON.stringify(flow), stateLifeSeconds);
      return id + signBy(keys[0], flow.provider, id);
    },

    /** The flow, once. Error: `oauth_state_invalid`, whatever the reason. */
    async redeem(state: string, from: { provider: string; browserId: string | null }): Promise<Flow> {
      const id = state.slice(0, 32);
      // The signature first: guesses never reach the store.
      const signatures = keys.map((key) => signBy(key, from.provider, id));
      const isOurs = form.test(state) && constantTimeAny(state.slice(32), signatures);
      const stored = isOurs ? await kv.take(key("state", id)) : null;
      if (stored === null) throw new AppError("oauth_state_invalid");
      const flow = JSON.parse(stored) as Flow;
      const isSameBrowser =
        from.browserId === null ? !flow.strict : constantTimeEqual(browserHash(from.browserId), flow.browser);
      if (!isSameBrowser) throw new AppError("oauth_state_invalid");
      return flow;
    },
  };
}

export function browserHash(browserId: string): string {
  return secretDigest(browserId);
}
