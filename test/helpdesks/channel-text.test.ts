import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channelText } from "../../shared/helpdesks/channel-text.ts";

describe("what an agent writes in Markdown", () => {
  it.each([
    ["**Olá** _Ana_ ~~já~~ `A1`", "*Olá* _Ana_ ~já~ `A1`", "Olá Ana já A1"],
    ["linha um\nlinha dois\n\nparágrafo", "linha um\nlinha dois\n\nparágrafo", "linha um\nlinha dois\n\nparágrafo"],
    ["- um\n- dois", "- um\n- dois", "- um\n- dois"],
    ["3. três\n4. quatro", "3. três\n4. quatro", "3. três\n4. quatro"],
    ["[o site](https://loja.example/a)", "o site (https://loja.example/a)", "o site (https://loja.example/a)"],
    ["https://loja.example/a_b_c", "https://loja.example/a_b_c", "https://loja.example/a_b_c"],
    ["# Título\ntexto", "*Título*\n\ntexto", "Título\n\ntexto"],
    ["> citado", "> citado", "> citado"],
    ["I <3 you & <b>you</b>", "I <3 you & <b>you</b>", "I <3 you & <b>you</b>"],
    ["5 * 3 * 2 = 30", "5 * 3 * 2 = 30", "5 * 3 * 2 = 30"],
    ["```\nlet a = 1;\n```", "```let a = 1;```", "let a = 1;"],
    ["** espaço **", "** espaço **", "** espaço **"],
  ])("%j is written with the channel's own marks", (written, whatsapp, sms) => {
    expect(channelText(written, "markdown", "whatsapp")).toBe(whatsapp);
    expect(channelText(written, "markdown", "sms")).toBe(sms);
    expect(channelText(written, "markdown", "messenger")).toBe(sms);
  });
});

describe("what an agent writes as HTML", () => {
  it.each([
    ["<p>Olá,</p><p>até <strong>amanhã </strong>!</p>", "Olá,\n\naté *amanhã* !", "Olá,\n\naté amanhã !"],
    ["<div>um<br>dois</div>", "um\ndois", "um\ndois"],
    ["a &amp; b &lt;c&gt;&nbsp;d", "a & b <c> d", "a & b <c> d"],
    ['<a href="https://loja.example/">https://loja.example/</a>', "https://loja.example/", "https://loja.example/"],
    ['<a href="mailto:oi@loja.example">oi@loja.example</a>', "oi@loja.example", "oi@loja.example"],
    ["<ul><li>um</li><li>dois<ul><li>três</li></ul></li></ul>", "- um\n- dois\n  - três", "- um\n- dois\n  - três"],
    ["<style>p{}</style><script>x()</script>Olá", "Olá", "Olá"],
    ["<b>um\n<br>dois</b>", "*um*\n*dois*", "um\ndois"],
    ['<p><img src="x.png" alt="🙂"></p>', "🙂", "🙂"],
    ["", "", ""],
  ])("%j is written with the channel's own marks", (written, whatsapp, sms) => {
    expect(channelText(written, "html", "whatsapp")).toBe(whatsapp);
    expect(channelText(written, "html", "instagram")).toBe(sms);
  });
});

describe("any text", () => {
  it("stays as it is when it is plain", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(channelText(text, "plain", "whatsapp")).toBe(text);
      }),
    );
  });

  it("keeps its words, whatever the marks around them", () => {
    const word = fc.stringMatching(/^[a-zà-ú]{1,8}$/);
    const marked = fc
      .tuple(word, fc.constantFrom("**", "_", "~~", "`", ""))
      .map(([text, mark]) => `${mark}${text}${mark}`);
    fc.assert(
      fc.property(fc.array(marked, { minLength: 1, maxLength: 8 }), (words) => {
        const text = words.join(" ");
        const plain = text.replace(/[*_~`]/g, "");
        expect(channelText(text, "markdown", "sms")).toBe(plain);
        expect(channelText(text, "markdown", "whatsapp").replace(/[*_~`]/g, "")).toBe(plain);
      }),
    );
  });
});
