import { ApiError } from "./api-error.ts";

/** Renewing a session by its refresh token: the `renew` of a client. */

export interface Renewable {
  readonly token: string;
  /** Null where the log-in did not ask for one. */
  readonly refreshToken: string | null;
}

export interface RenewalOptions {
  /** What is kept now, by whichever tab; null where nobody is logged in. */
  readonly read: () => Renewable | null;
  /**
   * Keeps the tokens that took the place of `used`. Where `used` is kept no more they must be dropped: another tab's are
   * newer, or somebody else has logged in.
   */
  readonly replace: (used: string, fresh: { token: string; refreshToken: string }) => void;
  /** `refreshTokens` of a client. */
  readonly refresh: (refreshToken: string) => Promise<{ token: string; refresh_token: string }>;
}

interface Locks {
  request<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

/** Longer than a browser takes to tell one tab what another has stored. */
const settleMs = 300;

/** Both codes say that the session has ended; any other failure leaves it as it is. */
const endedCodes = ["refresh_token_invalid", "refresh_token_reused"];

/**
 * Of many tabs one renews at a time (Web Locks), and those after it find what it kept. Browsers without locks, and
 * tabs that see late what another has stored, may renew twice with one token: the server answers both the same refresh
 * token, for 30 seconds. Resolves to the new access token, to null
 * where the session has ended; rejects with an {@link ApiError} where the API did not say so.
 */
export function createRenewal({ read, replace, refresh }: RenewalOptions) {
  /**
   * What is kept, once it is whole: another tab's writes arrive one by one, the refresh token before the token that it
   * renews, and in between the two don't belong together.
   */
  async function settled(refused: string): Promise<Renewable | null> {
    const kept = read();
    if (kept === null || kept.token !== refused || kept.refreshToken !== null) return kept;
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    return read();
  }

  async function renew(refused: string): Promise<string | null> {
    const kept = await settled(refused);
    if (kept === null) return null;
    if (kept.token !== refused) return kept.token;
    if (kept.refreshToken === null) return null;
    try {
      const { token, refresh_token } = await refresh(kept.refreshToken);
      replace(kept.refreshToken, { token, refreshToken: refresh_token });
      return token;
    } catch (error) {
      if (error instanceof ApiError && endedCodes.includes(error.code)) return null;
      throw error;
    }
  }

  return (refused: string): Promise<string | null> => {
    const { locks } = (globalThis as { navigator?: { locks?: Locks | null } }).navigator ?? {};
    // Browsers hide them on plain http, some embedded ones altogether.
    return locks ? locks.request("meiduo.renewal", () => renew(refused)) : renew(refused);
  };
}
