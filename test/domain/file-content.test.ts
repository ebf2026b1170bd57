import { expect, test } from "vitest";
import { shown } from "../../functions/api/messages.ts";
import { ApiMessage } from "../../shared/domain/api-shapes.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { advance } from "../../shared/domain/conversation-log.ts";
import { foldMessages } from "../../shared/domain/message-status.ts";

const STORED = { id: "med_1", contentType: "image/png", size: 3, sha256: "ab" };
const FAILED = { code: "expired", reason: "The provider no longer has the file." } as const;

function log(...happened: [type: Entry["type"], data: object][]): Entry[] {
  const entries: Entry[] = [];
  for (const [index, [type, data]] of happened.entries()) {
    const at = { received: index, recorded: index };
    const arrival = { key: `${index}`, token: "t", type, account: "a", channel: "whatsapp" as const, at, data };
    entries.push(advance(entries.at(-1)?.after, arrival));
  }
  return entries;
}
const received = (id: string, content: object): [Entry["type"], object] => [
  "message.received",
  { message: { id, direction: "inbound", author: { type: "contact" }, content } },
];
const image = (more: object = {}) => ({
  type: "image",
  media: { providerMediaId: "7", contentType: "image/*", fileName: "a.png" },
  ...more,
});

test("a message shows its file under our id, and what the provider said of it", () => {
  const [first, second] = foldMessages(
    "conv_1",
    log(received("msg_1", image()), received("msg_2", image()), [
      "media.stored",
      { message: { id: "msg_1" }, media: STORED },
    ]),
  );
  expect(first?.content).toEqual({ type: "image", media: { providerMediaId: "7", fileName: "a.png", ...STORED } });
  expect(second?.content).toEqual(image());
});

test("an edited caption loses no file", () => {
  const [message] = foldMessages(
    "conv_1",
    log(
      received("msg_1", image()),
      ["media.stored", { message: { id: "msg_1" }, media: STORED }],
      ["message.edited", { message: { id: "msg_1" }, content: image({ caption: "new" }), author: { type: "contact" } }],
    ),
  );
  expect(message?.content).toMatchObject({ caption: "new", media: { id: "med_1" } });
});

test("a file that the business sent from its phone shows, too", () => {
  const message = {
    id: "msg_1",
    direction: "outbound",
    author: { type: "agent", origin: "phone_app" },
    content: image(),
  };
  const [seen] = foldMessages(
    "conv_1",
    log(["message.sent", { message }], ["media.stored", { message: { id: "msg_1" }, media: STORED }]),
  );
  expect(seen).toMatchObject({ status: "sent", content: { media: { id: "med_1" } } });
});

test("why a file could not be kept stands beside the message, in the API too", () => {
  const [message] = foldMessages(
    "conv_1",
    log(received("msg_1", image()), ["media.failed", { message: { id: "msg_1" }, ...FAILED }]),
  );
  expect(message).toMatchObject({ content: image(), mediaFailure: FAILED });
  if (message) expect(ApiMessage.parse(shown(message)).mediaFailure).toEqual(FAILED);
});
