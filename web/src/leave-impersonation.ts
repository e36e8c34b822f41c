/** The end of acting in an owner's place: at the API, in this tab, and back where it was begun. */
import { ApiError, createClient } from "@meiduo/client";
import { siteConfig } from "./api.ts";
import { forgetImpersonation, type Impersonation } from "./impersonation.ts";
import { language } from "./language.ts";
import { addressOf } from "./site-path.ts";

/** Without a word to the API: it is over there. The page is loaded anew, so that nothing of the owner's stays on it. */
export function leaveImpersonation({ userId }: Pick<Impersonation, "userId">): void {
  forgetImpersonation();
  window.location.assign(addressOf(`/console/users/${userId}`));
}

/** Rejects with an ApiError where the API can't be reached: then it goes on, until its time is over. */
export async function endImpersonation(one: Impersonation): Promise<void> {
  const client = createClient({
    ...{ baseUrl: siteConfig().apiUrl, token: () => one.token, language: () => language.value },
  });
  try {
    await client.logOut();
  } catch (error) {
    if (!(error instanceof ApiError && error.needsLogIn)) throw error;
  }
  leaveImpersonation(one);
}
