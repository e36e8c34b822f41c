import type { SessionView } from "@meiduo/client";
import { text } from "../language.ts";
import { providerName } from "../sign-in/provider-name.ts";

const wayKeys: Readonly<Record<string, string>> = {
  ...{ password: "account.wayPassword", sign_up: "account.waySignUp", passkey: "account.wayPasskey" },
  ...{ code: "account.wayCode", impersonation: "account.wayImpersonation" },
};

/** Browser and system of a log-in; empty where nothing is known of them. */
export function deviceOf({ browser, system }: Pick<SessionView, "browser" | "system">): string {
  return [browser, system].filter((one) => one !== "").join(" · ");
}

/** How somebody came in, in the reader's language. */
export function wayOf({ way, provider }: Pick<SessionView, "way" | "provider">): string {
  if (provider !== null) return text("account.wayProvider", { provider: providerName(provider) });
  return text(wayKeys[way] ?? "account.wayOther");
}
