import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createSession } from "../../../client/src/session.ts";
import { miniProgram } from "../../../client/src/wx.ts";
import { miniProgramDouble } from "../../../client/test/support/mini-program.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

describe("a mini program", () => {
  let test: TestApp;
  let baseUrl: string;
  beforeAll(async () => {
    test = await startTestApp();
    await test.app.api.listen({ port: 0, host: "127.0.0.1" });
    baseUrl = `http://127.0.0.1:${(test.app.api.server.address() as AddressInfo).port}`;
    for (const name of ["fetch", "AbortController", "URLSearchParams"]) vi.stubGlobal(name, undefined);
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    await test.close();
  });

  it("signs somebody up, logs in again as a known device, changes the profile and logs out", async () => {
    const platform = miniProgramDouble();
    const session = createSession({ baseUrl, ...miniProgram(platform) });
    const email = "mini@example.com";
    await session.api.sendEmailCode(email, "register");
    await test.runJobs();
    const email_code = /\b[2-9A-HJKMNP-Z]{6}\b/.exec(test.mailbox.at(-1)?.text ?? "")?.[0] ?? "";
    const password = "three quiet lanterns";
    await session.signUp({
      username: "mini_reader",
      email,
      email_code,
      password,
      password2: password,
      allow: "true",
    });
    expect(session.state()).toMatchObject({ status: "in", user: { username: "mini_reader", email } });
    await session.api.changeProfile({ first_name: "Mini" });
    await session.reload();
    expect(session.state().user?.first_name).toBe("Mini");
    expect(platform.storage.get("meiduo.cookies")).toContain("meiduo_device=");
    session.logOut();
    await expect(session.logIn("mini_reader", "wrong password")).rejects.toMatchObject({ status: 400 });
    await session.logIn("mini_reader", password);
    expect(session.state().status).toBe("in");
  });
});
