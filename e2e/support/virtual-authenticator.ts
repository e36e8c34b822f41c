import type { CDPSession, Page } from "playwright-core";

/** A device with passkeys in a page's browser (Chrome DevTools Protocol, domain WebAuthn). */
export interface VirtualAuthenticator {
  /** Whether its user shows a finger that it knows. */
  verify(isRight: boolean): Promise<void>;
  /** Whether somebody touches it at once when it asks. */
  touch(isAtOnce: boolean): Promise<void>;
  credentials(): Promise<
    readonly { readonly credentialId: string; readonly userHandle?: string; readonly userName?: string }[]
  >;
  clear(): Promise<void>;
}

export async function addAuthenticator(
  page: Page,
  { isSynced = true }: { readonly isSynced?: boolean } = {},
): Promise<VirtualAuthenticator> {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable", { enableUI: false });
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      ...{ protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal" },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
      automaticPresenceSimulation: true,
      ...{ defaultBackupEligibility: isSynced, defaultBackupState: isSynced },
    },
  });
  return {
    async verify(isUserVerified) {
      await session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
    },
    async touch(enabled) {
      await session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled });
    },
    async credentials() {
      return (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
    },
    async clear() {
      await session.send("WebAuthn.clearCredentials", { authenticatorId });
    },
  };
}
