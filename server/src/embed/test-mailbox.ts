import type { App } from "../app/app-interface.ts";

/** The development mailbox as a suite reads it: what is due is delivered before it looks. */
export interface TestMail {
  readonly id: number;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** ISO 8601, UTC, of the server's clock. */
  readonly created_at: string;
  /** The verification code in it, or null. */
  readonly code: string | null;
}

const url = "/sandbox/mailbox/messages/";

export function createTestMailbox({ api, worker }: Pick<App, "api" | "worker">) {
  const mails = async (address?: string): Promise<readonly TestMail[]> => {
    await worker.runDue();
    const query = { limit: "200", ...(address === undefined ? {} : { to: address }) };
    const answer = await api.inject({ url, query });
    if (answer.statusCode !== 200)
      throw new Error(`there is no mailbox (${answer.statusCode}): is SMTP_URL set?`);
    return answer.json();
  };
  return {
    mails,
    async codeFor(address: string): Promise<string> {
      const code = (await mails(address)).find((mail) => mail.code !== null)?.code;
      if (!code) throw new Error(`no mail to ${address} has a code: ask the API for one first`);
      return code;
    },
  };
}
