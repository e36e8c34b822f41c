import { ApiError } from "@meiduo/client";
import { api } from "../api.ts";
import { endImpersonation } from "../leave-impersonation.ts";
import { endSession, session } from "../session.ts";

/** Longer than this nobody waits to be logged out here. */
const patienceMs = 3_000;

/**
 * Logs out: ends the session at the server and forgets it in every tab of this browser. Where the server can't be
 * reached it is forgotten here all the same: what is lost with it ends by itself. Only a session in a cookie is not: then
 * it rejects with an {@link ApiError}.
 */
export async function logOut(): Promise<void> {
  const { impersonation, facts } = session;
  // It ends what is done in the owner's place, and nothing else: whoever acts stays logged in themselves.
  if (impersonation !== null && facts?.token === impersonation.token) return endImpersonation(impersonation);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), patienceMs);
  try {
    await api().logOut({ signal: limit.signal });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // A cookie is still there: nobody must think that they are logged out.
    if (session.inCookie && !error.needsLogIn) throw error;
  } finally {
    clearTimeout(timer);
  }
  endSession();
}
