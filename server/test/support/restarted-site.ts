import { createApp } from "../../src/app/app.ts";
import type { OutgoingMail } from "../../src/engines/mail/mail.ts";
import { createLog } from "../../src/kernel/log.ts";
import type { TestApp } from "./test-app.ts";

type Overrides = Partial<TestApp["config"]> & { readonly secretKey: string };

/**
 * The same site with other settings, on the same engines: as after a restart, or as another process beside the first. Close
 * it before that one.
 */
export async function restartedSite(
  site: TestApp,
  overrides: Overrides,
): Promise<Pick<TestApp, "app" | "config" | "clock" | "anonymous" | "as" | "runJobs" | "mailbox" | "close">> {
  const config = { ...site.config, ...overrides };
  const mailbox: OutgoingMail[] = [];
  const mailer = {
    send: async (mail: OutgoingMail) => void mailbox.push(mail),
    verify: async () => {},
    close: async () => {},
  };
  const app = await createApp({ config, log: createLog("silent") }, { clock: site.clock, mailer });
  await app.api.ready();
  const anonymous: TestApp["anonymous"] = (request) => app.api.inject(request);
  return {
    ...{ app, config, mailbox, anonymous, clock: site.clock },
    as: (token) => (request) =>
      anonymous({ ...request, headers: { authorization: `JWT ${token}`, ...request.headers } }),
    runJobs: async () => void (await app.worker.runDue()),
    close: () => app.close(),
  };
}
