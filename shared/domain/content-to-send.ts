/**
 * What callers may send: the kinds of content.ts, and nothing in them that no provider takes or that would be left out
 * without a word. What comes in is kept as it is, so these rules are no part of `Content`; whatever the API shows of a
 * message may be sent on.
 */
import * as z from "zod";
import {
  AudioContent,
  Button,
  ButtonsContent,
  Card,
  CarouselContent,
  ChoiceContent,
  ContactsContent,
  DocumentContent,
  FormContent,
  ImageContent,
  LinkContent,
  ListContent,
  LocationContent,
  LocationRequestContent,
  Media,
  OrderContent,
  ReactionContent,
  Row,
  Section,
  ShareContent,
  StickerContent,
  StoryContent,
  TemplateButton,
  TemplateContent,
  TextContent,
  UnsupportedContent,
  VideoContent,
} from "./content.ts";

const filled = z.string().min(1, "must not be empty");
const degrees = (most: number) => {
  const sentence = `must be a number from -${most} to ${most}`;
  return z.number().min(-most, sentence).max(most, sentence);
};
const WebAddress = z.url({ protocol: /^https?$/, error: "must be an address that begins with https:// or http://" });

/** A file to be sent: one that is stored by its `id`, which says the rest; any other by its `url` and `contentType`. */
export const FileToSend = Media.extend({
  /** Where the provider fetches it: http or https. */
  url: WebAddress.optional(),
}).strict();
const file = { media: FileToSend };

/** A card of somebody, as WhatsApp writes it. Other channels get its name, numbers and e-mail addresses as text. */
// Typed as what comes in, so that a customer's card can be sent on without a cast.
export const ContactCard: z.ZodType<Record<string, unknown>, Record<string, unknown>> = z.strictObject({
  name: z.strictObject(
    {
      /** As it is shown. */
      formatted_name: filled,
      first_name: z.string().optional(),
      last_name: z.string().optional(),
      middle_name: z.string().optional(),
      prefix: z.string().optional(),
      suffix: z.string().optional(),
    },
    "must be an object with formatted_name",
  ),
  phones: z
    .array(
      z.strictObject(
        { phone: filled, type: z.string().optional(), wa_id: z.string().optional() },
        "must be an object with phone",
      ),
    )
    .optional(),
  emails: z
    .array(z.strictObject({ email: filled, type: z.string().optional() }, "must be an object with email"))
    .optional(),
  addresses: z
    .array(
      z.strictObject({
        street: z.string().optional(),
        city: z.string().optional(),
        state: z.string().optional(),
        zip: z.string().optional(),
        country: z.string().optional(),
        country_code: z.string().optional(),
        type: z.string().optional(),
      }),
    )
    .optional(),
  org: z
    .strictObject({
      company: z.string().optional(),
      department: z.string().optional(),
      title: z.string().optional(),
    })
    .optional(),
  urls: z.array(z.strictObject({ url: filled, type: z.string().optional() })).optional(),
  /** `YYYY-MM-DD` */
  birthday: z.string().optional(),
  /** Of a card that a customer sent, as is `vcard`; neither goes out again. */
  origin: z.string().optional(),
  vcard: z.string().optional(),
});

const named = { id: filled, title: filled };
const ButtonToSend = Button.extend(named).strict();
const RowToSend = Row.extend(named).strict();
const SectionToSend = Section.extend({ rows: z.array(RowToSend).min(1, "must hold at least one row") }).strict();
const CardToSend = Card.extend({ media: FileToSend.optional(), title: filled, url: WebAddress }).strict();

const ButtonsToSend = ButtonsContent.extend({
  buttons: z.array(ButtonToSend).min(1, "must hold at least one button"),
})
  .strict()
  .superRefine(({ buttons }, context) => {
    refuseTwins(
      buttons.map(({ id }, at) => ({ id, path: ["buttons", at, "id"] })),
      context,
    );
  });
const ListToSend = ListContent.extend({
  button: filled,
  sections: z.array(SectionToSend).min(1, "must hold at least one section"),
})
  .strict()
  .superRefine(({ sections }, context) => {
    const inSection = (section: number, rows: readonly { id: string }[]) =>
      rows.map(({ id }, at) => ({ id, path: ["sections", section, "rows", at, "id"] }));
    refuseTwins(
      sections.flatMap(({ rows }, section) => inSection(section, rows)),
      context,
    );
  });

/** What a customer chooses is told by its id alone. */
function refuseTwins(options: readonly { id: string; path: (string | number)[] }[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const { id, path } of options) {
    if (seen.has(id))
      context.addIssue({ code: "custom", message: "must differ from the other ids of the message", path });
    seen.add(id);
  }
}

export const TemplateToSend = TemplateContent.extend({
  name: filled,
  language: z.string().min(2, "must be a language as the provider writes it, such as pt_BR"),
  header: z.union([z.string(), FileToSend], "must be a text or a file").optional(),
  buttons: z.array(TemplateButton.extend({ index: z.number().int().nonnegative() }).strict()).optional(),
}).strict();

export const ContentToSend = z.discriminatedUnion("type", [
  TextContent.strict(),
  ImageContent.extend(file).strict(),
  VideoContent.extend(file).strict(),
  AudioContent.extend(file).strict(),
  DocumentContent.extend(file).strict(),
  StickerContent.extend(file).strict(),
  LocationContent.extend({
    latitude: degrees(90),
    longitude: degrees(180),
  }).strict(),
  /** Cards; at least one. */
  ContactsContent.extend({ contacts: z.array(ContactCard).min(1, "must hold at least one card") }).strict(),
  ChoiceContent.strict(),
  FormContent.strict(),
  OrderContent.strict(),
  StoryContent.strict(),
  ShareContent.strict(),
  UnsupportedContent.strict(),
  ButtonsToSend,
  ListToSend,
  LinkContent.extend({ title: filled, url: WebAddress }).strict(),
  CarouselContent.extend({ cards: z.array(CardToSend).min(1, "must hold at least one card") }).strict(),
  LocationRequestContent.strict(),
  ReactionContent.strict(),
  TemplateToSend,
]);
export type ContentToSend = z.infer<typeof ContentToSend>;
