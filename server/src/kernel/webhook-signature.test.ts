import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { isSigned, readWebhookSecret, signedHeaders } from "./webhook-signature.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

it("signs as the specification's own example is signed", () => {
  const about = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", seconds: 1614265330, body: '{"test": 2432232314}' };
  expect(signedHeaders(readWebhookSecret(secret)!, about)).toEqual({
    "webhook-id": about.id,
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

it.each([
  "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "whsec_",
  `whsec_${Buffer.alloc(23).toString("base64")}`,
  `whsec_${Buffer.alloc(65).toString("base64")}`,
  "whsec_not base64 at all, but long enough",
])("%s is no secret", (raw) => {
  expect(readWebhookSecret(raw)).toBeNull();
});

const about = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330", body: '{"test": 2432232314}' };
const published = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const key = readWebhookSecret(secret)!;

it.each([published, `v1,AAAA ${published}`, `v1a,${"A".repeat(86)}== ${published} v1,AAAA`])(
  "the specification's example is signed by %s",
  (signatures) => {
    for (const now of [1614265330 - 300, 1614265330, 1614265330 + 300]) {
      expect(isSigned(key, { ...about, signatures }, now)).toBe(true);
    }
  },
);

it.each([
  ["too old", {}, 301],
  ["too new", {}, -301],
  ["of another id", { id: "msg_other" }, 0],
  ["without an id", { id: "" }, 0],
  ["of another time", { timestamp: "1614265331" }, 0],
  ["with a time that is none", { timestamp: "1614265330.0" }, 0],
  ["with another body", { body: '{"test": 2432232315}' }, 0],
  ["without a signature", { signatures: "" }, 0],
  ["without its version", { signatures: published.slice(3) }, 0],
  ["of another version", { signatures: published.replace("v1", "v2") }, 0],
  ["cut short", { signatures: published.slice(0, -1) }, 0],
  ["behind ten others", { signatures: `${"v1,AAAA ".repeat(10)}${published}` }, 0],
])("what is %s is not signed", (_, changed, later) => {
  expect(isSigned(key, { ...about, signatures: published, ...changed }, 1614265330 + later)).toBe(false);
});

it("the specification's own library and this one check what the other signed", () => {
  const now = Math.floor(Date.now() / 1000);
  const body = '{"type":"email.bounced","data":{"to":["张三@例子.中国"]}}';
  const theirs = new Webhook(secret).sign("msg_1", new Date(now * 1000), body);
  expect(isSigned(key, { id: "msg_1", timestamp: String(now), signatures: theirs, body }, now)).toBe(true);
  const ours = signedHeaders(key, { id: "msg_2", seconds: now, body });
  expect(new Webhook(secret).verify(body, { ...ours })).toEqual(JSON.parse(body));
});
