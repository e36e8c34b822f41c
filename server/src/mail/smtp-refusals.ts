/**
 * Refusals with a 5xx code that mean "later", though RFC 5321 section 4.2.1 calls 5xx final: the big providers refuse
 * what is too much for the moment that way. A visitor who read "sent" waits for that mail, so it is tried again while
 * its code lives. Told apart by the enhanced code (RFC 3463, RFC 5248), else by the provider's words; a row that is
 * too wide costs some tries, one that is missing costs the visitor the mail.
 */

/** Whether a refusal may be gone in a minute. `text` is the server's answer, its code and enhanced code included. */
export function meansLater(text: string): boolean {
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1];
  // Class 4 is a persistent transient failure whatever the basic code says (RFC 3463 section 3.1).
  if (enhanced?.startsWith("4.")) return true;
  return enhancedCodes.test(enhanced ?? "") || refusalsForNow.some(({ words }) => words.test(text));
}

/**
 * 5.3.2 the system takes no mail now, 5.4.5 congestion (Google: "Daily user sending limit exceeded",
 * support.google.com/a/answer/3726730), 5.7.28 mail flood (RFC 5248's registry); Microsoft (learn.microsoft.com, "Email
 * non-delivery reports and SMTP errors in Exchange Online"): 5.1.90 the day's recipients, 5.2.251 to 5.2.255 sender
 * throttled, 5.7.232 and 5.7.233 the organisation's day.
 */
const enhancedCodes = /^5\.(3\.2|4\.5|7\.28|1\.90|2\.25[1-5]|7\.23[23])$/;

const refusalsForNow: readonly { readonly who: string; readonly words: RegExp }[] = [
  {
    // service.mail.qq.com/cgi-bin/help?subtype=1&id=20022&no=1000725: an address or a sender is shut out for minutes,
    // hours or the rest of the day. The last two: the same, far exceeded; and the recipient has had much mail lately.
    who: "QQ, Tencent Exmail",
    words:
      /\b(connection|ip|domain|sender|mail) frequency limited|\bconnection denied|mailbox unavailable or access denied/i,
  },
  {
    // mail.163.com/help/help_spam_16.htm. Connections, mails and recipients within minutes or a day; most come as 421
    // and 45x, some as 55x.
    who: "NetEase (163, 126, yeah.net)",
    words: /\b(HL:(ICC|IFC|IFQ|MEP|REP)|MI:(SFQ|STC|DMC|CCL)|RP:(QRC|TRC|DRC|CCL))\b/,
  },
  {
    // alibabacloud.com/help/faq-detail/109009.htm: 554 Reject by behaviour spam … too frequently sending; and the
    // codes 504, 505 of the company mail, 552 of DirectMail.
    who: "Alibaba Mail, DirectMail",
    words:
      /too frequently sending|RCPTs? (attempts )?is achieved the maximum threshold|(daily|monthly) sending quota exceeded|not enough sending quota/i,
  },
  {
    // learn.microsoft.com/exchange/troubleshoot/send-emails/smtp-submission-improvements: 554 5.2.0 STOREDRV…
    who: "Microsoft 365",
    words: /SubmissionQuotaExceeded/,
  },
  {
    // support.google.com/a/answer/3726730, the same texts under 421 and 550.
    who: "Gmail",
    words:
      /unusual rate of unsolicited mail|receiving mail (too quickly|at a rate)|sending (limit|quota) exceeded/i,
  },
  {
    who: "relays (SendGrid, Mailgun, Postfix's policy services and their like)",
    words:
      /\b(rate|frequency|hourly|daily|sending) limit|throttl|too many (mails|messages|e-?mails|connections|requests)|maximum credits exceeded|try (it )?again (later|in)|temporar|greylist|稍后|频繁|频率/i,
  },
];
