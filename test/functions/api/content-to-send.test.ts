/** What no provider takes, or would leave out without a word, is refused at the call, whichever way it is to go out. */
import { beforeEach, describe, expect, test } from "vitest";
import { connectors } from "../../../shared/channels/registry.ts";
import { ContentToSend } from "../../../shared/domain/content-to-send.ts";
import { conversationId } from "../../../shared/domain/ids.ts";
import { type ConnectorName, fixturesOf } from "../../contracts/provider.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, problemIn } from "./api-world.ts";

const conversation = conversationId(SECRET, "whatsapp", "5511987650000");
const to = { account: "sms", address: "+351912345678" };

let here: ReturnType<typeof apiWorld>;
beforeEach(async () => {
  here = apiWorld();
  await here.arrive(inboundText("wamid.1", { time: here.clock.time }));
});

const photo = { contentType: "image/jpeg", url: "https://files.example/a.jpg" };
const name = { formatted_name: "Ana" };
const place = { type: "location", latitude: 38.7, longitude: -9.1 };
const yes = { id: "yes", title: "Sim" };
const buttons = (...all: object[]) => ({ type: "buttons", text: "Confirma?", buttons: all });
const list = (...sections: object[]) => ({ type: "list", text: "Qual?", button: "Ver", sections });
const contacts = (...cards: object[]) => ({ type: "contacts", contacts: cards });
const image = (media: object) => ({ type: "image", media });
const link = (url: string) => ({ type: "link", text: "Pedido", title: "Ver", url });
const card = { title: "Ver", url: "https://loja.example/1" };
const carousel = (...cards: object[]) => ({ type: "carousel", cards });
const template = { type: "template", name: "hello", language: "pt_PT" };

const impossible: [what: string, content: object, field: string][] = [
  ["no card", contacts(), "contacts"],
  ["a card without a name", contacts({ phones: [{ phone: "+351912345678" }] }), "contacts.0.name"],
  ["a card whose name is a text", contacts({ name: "Ana" }), "contacts.0.name"],
  ["a card with a number that is a text", contacts({ name, phones: ["+351912345678"] }), "contacts.0.phones.0"],
  ["a card with a number by another name", contacts({ name, phones: [{ number: "+1" }] }), "contacts.0.phones.0.phone"],
  ["a card with a misspelt field", contacts({ name }, { name, fones: [] }), "contacts.1.fones"],
  ["a latitude beyond the pole", { ...place, latitude: 90.1 }, "latitude"],
  ["a longitude beyond the date line", { ...place, longitude: -180.5 }, "longitude"],
  ["no buttons", buttons(), "buttons"],
  ["two buttons with one id", buttons(yes, { id: "no", title: "Não" }, { ...yes, title: "Talvez" }), "buttons.2.id"],
  ["a button without a title", buttons({ id: "yes", title: "" }), "buttons.0.title"],
  ["a list without sections", list(), "sections"],
  ["a section without rows", list({ rows: [yes] }, { rows: [] }), "sections.1.rows"],
  ["two rows with one id, in two sections", list({ rows: [yes] }, { rows: [yes] }), "sections.1.rows.0.id"],
  ["an empty address of a file", image({ ...photo, url: "" }), "media.url"],
  ["a file on the disk", image({ ...photo, url: "file:///etc/passwd" }), "media.url"],
  ["a file that is a script", image({ ...photo, url: "javascript:1" }), "media.url"],
  ["a page that is a script", link("javascript:alert(1)"), "url"],
  ["a page by FTP", link("ftp://loja.example/1"), "url"],
  ["a card's page by FTP", carousel({ ...card, url: "ftp://loja.example/1" }), "cards.0.url"],
  ["a card's file on the disk", carousel({ ...card, media: { ...photo, url: "file:///a" } }), "cards.0.media.url"],
  ["a template without a name", { ...template, name: "" }, "name"],
  ["a template without a language", { ...template, language: "" }, "language"],
  ["a template's file on the disk", { ...template, header: { ...photo, url: "file:///a" } }, "header.url"],
  ["a misspelt caption", { ...image(photo), captoin: "Olá" }, "captoin"],
  ["a misspelt field of a file", image({ ...photo, filename: "a.jpg" }), "media.filename"],
  ["a misspelt field of a row", list({ rows: [{ ...yes, descripton: "" }] }), "sections.0.rows.0.descripton"],
];

describe("what is impossible", () => {
  test.each(impossible)("%s", async (_, content, field) => {
    const before = here.traces();
    const ways: [string, object, string][] = [
      [`/v1/conversations/${conversation}/messages`, { content }, "content"],
      [`/v1/conversations/${conversation}/messages?dryRun=true`, { content }, "content"],
      ["/v1/messages", { to, content }, "content"],
      ["/v1/batches", { message: { content, topic: "marketing" }, recipients: [{ to }] }, "message.content"],
    ];
    for (const [url, body, at] of ways) {
      const problem = problemIn(await here.ask("POST", url, { body }));
      expect(problem).toMatchObject({ status: 422, code: "invalid_body", field: `${at}.${field}` });
    }
    expect(here.traces()).toEqual(before);
  });

  test("is so in what stands in for it, too", async () => {
    const empty = { ...template, name: "" };
    const ways: [string, object, string][] = [
      [`/v1/conversations/${conversation}/messages`, { content: template, fallback: empty }, "fallback.name"],
      ["/v1/messages", { to, template: empty }, "template.name"],
    ];
    for (const [url, body, field] of ways)
      expect(problemIn(await here.ask("POST", url, { body }))).toMatchObject({ code: "invalid_body", field });
  });

  test("is what values make of a message to many", async () => {
    const content = buttons({ ...yes, id: "{{first}}" }, { ...yes, id: "{{second}}" });
    const message = { content, topic: "marketing" };
    const plan = (second: string) => {
      const body = { message, recipients: [{ to, values: { first: "1", second } }] };
      return here.ask("POST", "/v1/batches?dryRun=true", { body });
    };
    expect((await plan("2")).status).toBe(200);
    expect(problemIn(await plan("1"))).toMatchObject({ code: "invalid_body", field: "recipients.0.values" });
  });

  test("is told in a sentence", async () => {
    const told = async (content: object) => {
      const asked = here.ask("POST", `/v1/conversations/${conversation}/messages`, { body: { content } });
      return problemIn(await asked).detail;
    };
    expect(await told(list())).toBe("The field must hold at least one section.");
    expect(await told({ ...place, latitude: 91 })).toBe("The field must be a number from -90 to 90.");
    expect(await told(contacts({ name, phones: ["+351912345678"] }))).toMatch(
      /^The field must be an object with phone/,
    );
  });
});

/** Nobody is called what WhatsApp's customers share of themselves when they are asked for their number. */
const NAMELESS = "contacts-requested";

test.each(Object.keys(connectors) as ConnectorName[])(
  "what came in on %s can be sent on as it is shown",
  (connector) => {
    for (const fixture of fixturesOf(connector)) {
      if (fixture.name === NAMELESS) continue;
      for (const { happening } of fixture.parsed) {
        if ("message" in happening) expect(ContentToSend.safeParse(happening.message.content).error).toBeUndefined();
      }
    }
  },
);
