import { expect, it } from "vitest";
import { startTestApp } from "../support/test-app.ts";

it("the API sends password managers to the site's page that changes a password", async () => {
  const test = await startTestApp({ env: { PUBLIC_SITE_URL: "https://www.example.com/accounts" } });
  try {
    const answer = await test.anonymous({ url: "/.well-known/change-password" });
    expect(answer.statusCode).toBe(302);
    expect(answer.headers.location).toBe("https://www.example.com/accounts/account/password");
    const unknown = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    expect((await test.anonymous({ url: unknown })).statusCode).toBe(404);
  } finally {
    await test.close();
  }
});
