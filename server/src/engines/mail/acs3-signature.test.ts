import { expect, it } from "vitest";
import { acs3Authorization, formOf, sha256 } from "./acs3-signature.ts";

it("signs as Aliyun's own SDK did, request by request", () => {
  // Captured from @alicloud/dysmsapi20170525 4.6.0 against a server on this machine.
  const authorization = acs3Authorization(
    { id: "id_test", secret: "secret_test" },
    {
      host: "127.0.0.1:33623",
      query: {
        PhoneNumbers: "13800138000",
        SignName: "美多商城",
        TemplateCode: "SMS_123456",
        TemplateParam: '{"code":"123456"}',
        OutId: "job-1",
      },
      body: "",
      headers: {
        "x-acs-action": "SendSms",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-credentials-provider": "static_ak",
        "x-acs-date": "2026-11-28T13:14:35Z",
        "x-acs-signature-nonce": "99b06292befd9d6bc3d6719ee5a27747d31838574b056f538f63b4e8abb9a7f0",
        "x-acs-version": "2017-05-25",
      },
    },
  );
  expect(authorization).toBe(
    "ACS3-HMAC-SHA256 Credential=id_test,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=46eae0756ae26f7c73d1d41347c71a56b4ee3277baef0adc95aa081d3b87e6f5",
  );
});

/** Captured from @alicloud/dm20151123 1.9.0, DirectMail's own SDK, against a server on this machine. */
const captured = [
  {
    action: "SingleSendMail",
    nonce: "aca89463cce3770c46ad789e7c3134d4c93a5fad0971af383d2668f38735fb6d",
    form: true,
    body: "AccountName=no-reply%40meiduo.example&AddressType=1&ClickTrace=0&FromAlias=%E7%BE%8E%E5%A4%9A%E5%95%86%E5%9F%8E&HtmlBody=%3Cp%3E%E6%AD%A3%E6%96%87%3C%2Fp%3E&ReplyToAddress=false&Subject=%E3%80%90%E7%BE%8E%E5%A4%9A%E5%95%86%E5%9F%8E%E3%80%91%E9%AA%8C%E8%AF%81%E7%A0%81%20(1*2)!&TextBody=%E6%AD%A3%E6%96%87%20A7K9Q2%20it's%20~ok&ToAddress=zhangsan%40qq.com",
    digest: "b022a473b0c42800523b0f93b97f7e05fca9fbf99fa1747b9569bd9c06be0f7c",
    signature: "cbcfe9209b76e3255970571a653b67d93c99c4affde065719d3a8153bb057f0d",
  },
  {
    action: "DescAccountSummary",
    nonce: "0f5df75f27e218ae09bda93c00dad7ba273ba67d2bd0010db5b15f2c51a895f4",
    form: false,
    body: "",
    digest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    signature: "d30a35ac6318d275f6680feb17a036206b1b4cfdc2a8486dfce1912aa7b31931",
  },
];

it.each(captured)("signs $action as DirectMail's own SDK did, over the same bytes", (request) => {
  const { action, body, form, digest, nonce, signature } = request;
  const headers = {
    ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
    "x-acs-action": action,
    "x-acs-content-sha256": digest,
    "x-acs-credentials-provider": "static_ak",
    "x-acs-date": "2026-11-29T02:35:41Z",
    "x-acs-signature-nonce": nonce,
    "x-acs-version": "2015-11-23",
  };
  const key = { id: "id_test", secret: "secret_test" };
  expect(acs3Authorization(key, { host: "127.0.0.1:39325", body, headers })).toMatch(
    new RegExp(`,Signature=${signature}$`),
  );
  expect(sha256(body)).toBe(digest);
  // Ours writes the same parameters; reserved signs that JavaScript leaves alone are encoded, which reads the same.
  const parameters = Object.fromEntries(new URLSearchParams(body));
  expect(Object.fromEntries(new URLSearchParams(formOf(parameters)))).toEqual(parameters);
  expect([...new URLSearchParams(formOf(parameters)).keys()]).toEqual([...new URLSearchParams(body).keys()]);
});

it("writes a form in the order of its names, with every reserved sign as RFC 3986 has it", () => {
  expect(formOf({ b: "美 *", a: "(!')~" })).toBe("a=%28%21%27%29~&b=%E7%BE%8E%20%2A");
});
