/** Who is logged in where the session is in a cookie: the API is asked, because no script sees the cookie. */
import { ApiError } from "@meiduo/client";
import { api } from "./api.ts";
import { dropSession, keepInCookie, onSessionElsewhere, session, showSession } from "./session.ts";

/** Asks at once, and again whenever another tab may have changed it. Rejects where the API does not say. */
export async function followCookieSession(): Promise<void> {
  keepInCookie();
  await look();
  onSessionElsewhere(() => {
    // Without an answer the page goes on with what it knew; its next call finds out.
    look().catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
    });
  });
}

async function look(): Promise<void> {
  const before = session.facts;
  try {
    const { id: userId, username } = await api().currentUser();
    showSession({ token: "", username, userId });
  } catch (error) {
    if (!(error instanceof ApiError && error.needsLogIn)) throw error;
    if (session.facts === before) dropSession();
  }
}
