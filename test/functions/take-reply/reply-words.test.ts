/** What an agent wrote, as the customer reads it: marks, names, templates, what it answers, files that have to be asked about. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { conversationId } from "../../../shared/domain/ids.ts";
import type { Fetched } from "../../../shared/ports.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import { fetchedFile } from "../../fakes/fetched-file.ts";
import { desk, type Given, LOG, PNG, type Reply, reply, URL } from "./desk-world.ts";

const ON_MESSENGER = { ...inboundText("m1", { account: "messenger", address: "psid" }), channel: "messenger" as const };
const MESSENGER = conversationId(SECRET, "messenger", "psid");

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

/** What goes out for this reply. */
async function written(more: Partial<Reply>, given: Given = {}, log = LOG) {
  const { take, queued } = await desk(given);
  await take(reply({ conversation: log, ...more }));
  return (await queued(log)).map(({ message }) => message.content);
}

describe("the marks of a desk's editor", () => {
  it.each<[NonNullable<Reply["format"]>, string, string, string]>([
    [
      "markdown",
      "**Olá** _Ana_, [aqui](https://a.example/x)",
      "*Olá* _Ana_, aqui (https://a.example/x)",
      "Olá Ana, aqui (https://a.example/x)",
    ],
    [
      "html",
      "<p><b>Olá</b> Ana</p><p>Até já &amp; obrigado</p>",
      "*Olá* Ana\n\nAté já & obrigado",
      "Olá Ana\n\nAté já & obrigado",
    ],
    ["plain", "2 * 3 * 4 <b>", "2 * 3 * 4 <b>", "2 * 3 * 4 <b>"],
  ])("in %s become the channel's own, or none", async (format, text, onWhatsApp, onMessenger) => {
    expect(await written({ text, format })).toEqual([{ type: "text", text: onWhatsApp }]);
    const elsewhere = await written({ text, format }, { first: ON_MESSENGER }, MESSENGER);
    expect(elsewhere).toEqual([{ type: "text", text: onMessenger }]);
  });

  it("that leave no word behind are no message", async () => {
    expect(await written({ text: "<p><br></p>", format: "html" })).toEqual([]);
  });
});

describe("the agent's name", () => {
  const rules = { agentNames: true };

  it("stands in front where the owner wants that, in bold on WhatsApp", async () => {
    expect(await written({ text: "Bom dia" }, { rules })).toEqual([{ type: "text", text: "*Ana:*\nBom dia" }]);
    const elsewhere = await written({ text: "Bom dia" }, { rules, first: ON_MESSENGER }, MESSENGER);
    expect(elsewhere).toEqual([{ type: "text", text: "Ana:\nBom dia" }]);
    expect(await written({ text: "Bom dia" })).toEqual([{ type: "text", text: "Bom dia" }]);
  });

  it("stands in front of words alone, and where there is one", async () => {
    const answers = { [URL]: fetchedFile(PNG) };
    const files = [{ url: URL }];
    expect(await written({ files }, { rules, answers })).toEqual([
      expect.not.objectContaining({ caption: expect.anything() }),
    ]);
    expect(await written({ files, text: "Veja" }, { rules, answers })).toMatchObject([{ caption: "*Ana:*\nVeja" }]);
    expect(await written({ text: "Oi", author: { type: "agent" } }, { rules })).toEqual([{ type: "text", text: "Oi" }]);
  });
});

describe("a template that an agent asks for by its name", () => {
  const templates = [
    { name: "order_shipped", language: "pt_BR" },
    { name: "greeting", language: "en" },
    { name: "greeting", language: "es" },
  ];
  const template = (name: string, language: string, parameters?: string[]) => [
    { type: "template", name, language, ...(parameters && { parameters }) },
  ];

  it.each([
    ["/template order_shipped", template("order_shipped", "pt_BR")],
    ["/template order_shipped Ana | 1234 ", template("order_shipped", "pt_BR", ["Ana", "1234"])],
    ["/template order_shipped es_MX Ana | 1234", template("order_shipped", "es_MX", ["Ana", "1234"])],
    ["/template greeting es Ana", template("greeting", "es", ["Ana"])],
    ["/template greeting Ana", template("greeting", "en", ["Ana"])],
    ["/template unknown_one", template("unknown_one", "en")],
    ["/template unknown_one fr Ana", template("unknown_one", "fr", ["Ana"])],
    // A short word in small letters is no language that the template has.
    ["/template order_shipped ana | 1234", template("order_shipped", "pt_BR", ["ana", "1234"])],
    ["/template unknown_one ana | 1234", template("unknown_one", "en", ["ana", "1234"])],
    ["/template greeting dom", template("greeting", "en", ["dom"])],
  ])("%s", async (text, content) => {
    expect(await written({ text }, { templates })).toEqual(content);
  });

  it.each(["/templates", "/template", "Veja /template order_shipped", "/template Order Shipped"])(
    "“%s” is no such wish, but text",
    async (text) => {
      expect(await written({ text }, { templates })).toEqual([{ type: "text", text }]);
    },
  );

  it("is one in the marks of an editor, too, without the agent's name", async () => {
    const given = { templates, rules: { agentNames: true } };
    const marked: Partial<Reply>[] = [
      { text: "/template order\\_shipped Ana | 1234", format: "markdown" },
      { text: "<div>/template order_shipped Ana&nbsp;| 1234</div>", format: "html" },
    ];
    for (const one of marked)
      expect(await written(one, given)).toEqual(template("order_shipped", "pt_BR", ["Ana", "1234"]));
  });
});

describe("a reply to a message that the desk shows", () => {
  it("answers ours behind it, with the first of what goes out", async () => {
    const { take, queued, tickets } = await desk({
      answers: { [URL]: fetchedFile(PNG), [`${URL}b`]: fetchedFile(PNG) },
    });
    await tickets.linkMessage("desk", LOG, { message: "msg_1", deskMessage: "d1", isOurs: true });
    await take(reply({ text: "Sim", replyTo: "d1", files: [{ url: URL }, { url: `${URL}b` }] }));
    expect((await queued()).map(({ message }) => message.replyTo)).toEqual([{ id: "msg_1" }, undefined, undefined]);
  });

  it("answers nothing where nobody knows the message", async () => {
    const { take, queued } = await desk();
    await take(reply({ text: "Sim", replyTo: "d9" }));
    expect((await queued())[0]?.message).not.toHaveProperty("replyTo");
  });

  it("answers it although the conversation has moved since", async () => {
    const { take, queued, tickets, moves } = await desk();
    await tickets.linkMessage("desk", LOG, { message: "msg_1", deskMessage: "d1", isOurs: true });
    const into = await moves();
    await take(reply({ text: "Sim", replyTo: "d1" }));
    expect((await queued(into))[0]?.message.replyTo).toEqual({ id: "msg_1" });
  });
});

describe("a file that the desk has to be asked about", () => {
  const credentials = { origins: ["https://desk.example"], headers: { authorization: "Bearer token" } };
  const file = { url: "", id: "f1" };

  it("is fetched from where it is found, with the credentials for that place", async () => {
    const wanted: unknown[] = [];
    const { take, queued, asked, fetchedWith } = await desk({
      answers: { [URL]: fetchedFile(PNG) },
      locate: async (one) => {
        wanted.push(one);
        return { kind: "found", url: URL, credentials };
      },
    });
    await take(reply({ files: [file] }));
    expect((await queued()).map(({ message }) => message.content.type)).toEqual(["image"]);
    expect({ wanted, asked, fetchedWith }).toEqual({ wanted: [file], asked: [URL], fetchedWith: [credentials] });
    expect(JSON.stringify(await queued())).not.toContain("Bearer");
  });

  it("that is gone fails the reply, in words for the agent", async () => {
    const { take, queued } = await desk({ locate: async () => ({ kind: "gone", detail: "HTTP 404" }) });
    await take(reply({ text: "Veja", files: [file] }));
    expect(await queued()).toMatchObject([
      { unsendable: { reason: expect.stringContaining("could not be fetched from the helpdesk") } },
    ]);
  });

  it.each([
    { kind: "throttled", retryAfterSeconds: 9, detail: "HTTP 429" } as const,
    { kind: "unavailable", detail: "HTTP 503" } as const,
  ])("is asked about again when the desk is $kind", async (answer) => {
    const places: Awaited<ReturnType<NonNullable<Given["locate"]>>>[] = [answer, { kind: "found", url: URL }];
    const answers: Record<string, Fetched> = { [URL]: fetchedFile(PNG) };
    const { take, queued } = await desk({ answers, locate: async () => places.shift() ?? answer });
    expect(await take(reply({ files: [file] }))).toMatchObject({ kind: "retry" });
    expect(await queued()).toEqual([]);
    expect(await take(reply({ files: [file] }), 2)).toEqual({ kind: "done" });
    expect((await queued()).map(({ unsendable }) => unsendable)).toEqual([undefined]);
  });

  it("costs a reply without files no question", async () => {
    const { take, texts } = await desk({ locate: () => Promise.reject(new Error("was asked")) });
    await take(reply({ text: "Olá" }));
    expect(await texts()).toEqual(["Olá"]);
  });
});
