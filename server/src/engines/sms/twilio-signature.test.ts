import { expect, it } from "vitest";
import { isFromTwilio, twilioSignature } from "./twilio-signature.ts";

// The example of www.twilio.com/docs/usage/webhooks/webhooks-security.
const url = "https://mycompany.com/myapp.php?foo=1&bar=2";
const form = new URLSearchParams({
  ...{ CallSid: "CA1234567890ABCDE", Caller: "+14158675309", Digits: "1234", From: "+14158675309" },
  To: "+18005551212",
});

it("signs as Twilio's documentation does, and knows it again", () => {
  expect(twilioSignature("12345", url, form)).toBe("RSOYDt4T1cUTdK1PDd93/VVr8B8=");
  const signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
  expect(isFromTwilio("12345", { url, form, signature })).toBe(true);
  expect(isFromTwilio("12346", { url, form, signature })).toBe(false);
  expect(isFromTwilio("12345", { url: `${url}&x=1`, form, signature })).toBe(false);
  expect(isFromTwilio("12345", { url, form: new URLSearchParams([...form, ["To", "2"]]), signature })).toBe(
    false,
  );
});
