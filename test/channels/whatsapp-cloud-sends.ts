/** One content of every kind that goes out on WhatsApp, and what of the request is its own. */
import type { Content } from "../../shared/domain/content.ts";

const picture = { contentType: "image/jpeg", url: "https://files.example.test/cake.jpg" };
const upload = { contentType: "image/png", providerMediaId: "2754859441498128" };
const pdf = { contentType: "application/pdf", url: "https://files.example.test/1", fileName: "fatura 1.pdf" };

export const SENDS: readonly { about: string; content: Content; sent: Record<string, unknown> }[] = [
  { about: "a text", content: { type: "text", text: "Olá 😀" }, sent: { type: "text", text: { body: "Olá 😀" } } },
  {
    about: "a text with an address, shown with a preview",
    content: { type: "text", text: "Veja https://example.com/a" },
    sent: { type: "text", text: { body: "Veja https://example.com/a", preview_url: true } },
  },
  {
    about: "a picture by its address, with a caption",
    content: { type: "image", media: picture, caption: "O bolo" },
    sent: { type: "image", image: { link: "https://files.example.test/cake.jpg", caption: "O bolo" } },
  },
  {
    about: "a picture by Meta's id of it",
    content: { type: "image", media: { ...upload, url: "https://files.example.test/other.png" } },
    sent: { type: "image", image: { id: "2754859441498128" } },
  },
  {
    about: "a film",
    content: { type: "video", media: { contentType: "video/mp4", url: "https://files.example.test/cake.mp4" } },
    sent: { type: "video", video: { link: "https://files.example.test/cake.mp4" } },
  },
  {
    about: "a sound",
    content: { type: "audio", media: { contentType: "audio/mpeg", url: "https://files.example.test/a.mp3" } },
    sent: { type: "audio", audio: { link: "https://files.example.test/a.mp3" } },
  },
  {
    about: "a voice note",
    content: {
      type: "audio",
      media: { contentType: "audio/ogg; codecs=opus", url: "https://files.example.test/a.ogg" },
      voice: true,
    },
    sent: { type: "audio", audio: { link: "https://files.example.test/a.ogg", voice: true } },
  },
  {
    about: "a recording in a form that is no voice note to WhatsApp",
    content: {
      type: "audio",
      media: { contentType: "audio/mpeg", url: "https://files.example.test/a.mp3" },
      voice: true,
    },
    sent: { type: "audio", audio: { link: "https://files.example.test/a.mp3" } },
  },
  {
    about: "a document with its name",
    content: { type: "document", media: pdf, caption: "A fatura" },
    sent: {
      type: "document",
      document: { link: "https://files.example.test/1", caption: "A fatura", filename: "fatura 1.pdf" },
    },
  },
  {
    about: "a sticker",
    content: { type: "sticker", media: { contentType: "image/webp", url: "https://files.example.test/s.webp" } },
    sent: { type: "sticker", sticker: { link: "https://files.example.test/s.webp" } },
  },
  {
    about: "a place",
    content: { type: "location", latitude: 38.7223, longitude: -9.1393, name: "Café", address: "Rua Augusta 1" },
    sent: {
      type: "location",
      location: { latitude: 38.7223, longitude: -9.1393, name: "Café", address: "Rua Augusta 1" },
    },
  },
  {
    about: "a contact card as it came in, without what WhatsApp does not take back",
    content: {
      type: "contacts",
      contacts: [
        {
          origin: "other",
          vcard: "BEGIN:VCARD",
          name: { formatted_name: "Rui Sá", first_name: "Rui" },
          phones: [{ phone: "+351 910 000 002", type: "WORK" }],
        },
      ],
    },
    sent: {
      type: "contacts",
      contacts: [
        {
          name: { formatted_name: "Rui Sá", first_name: "Rui" },
          phones: [{ phone: "+351 910 000 002", type: "WORK" }],
        },
      ],
    },
  },
  {
    about: "buttons",
    content: {
      type: "buttons",
      text: "Confirma?",
      buttons: [
        { id: "yes", title: "Sim" },
        { id: "no", title: "Não" },
      ],
    },
    sent: {
      type: "interactive",
      interactive: {
        type: "button",
        body: { text: "Confirma?" },
        action: {
          buttons: [
            { type: "reply", reply: { id: "yes", title: "Sim" } },
            { type: "reply", reply: { id: "no", title: "Não" } },
          ],
        },
      },
    },
  },
  {
    about: "a list of one section without a title",
    content: {
      type: "list",
      text: "Quando?",
      button: "Ver horas",
      sections: [{ rows: [{ id: "9", title: "9:00", description: "livre" }] }, { title: "Tarde", rows: [] }],
    },
    sent: {
      type: "interactive",
      interactive: {
        type: "list",
        body: { text: "Quando?" },
        action: {
          button: "Ver horas",
          sections: [{ rows: [{ id: "9", title: "9:00", description: "livre" }] }],
        },
      },
    },
  },
  {
    about: "a list of several sections, each of which needs a title",
    content: {
      type: "list",
      text: "Quando?",
      button: "Ver horas",
      sections: [{ title: "Manhã", rows: [{ id: "9", title: "9:00" }] }, { rows: [{ id: "15", title: "15:00" }] }],
    },
    sent: {
      type: "interactive",
      interactive: {
        type: "list",
        body: { text: "Quando?" },
        action: {
          button: "Ver horas",
          sections: [
            { title: "Manhã", rows: [{ id: "9", title: "9:00" }] },
            { title: "2", rows: [{ id: "15", title: "15:00" }] },
          ],
        },
      },
    },
  },
  {
    about: "a button that opens a page",
    content: { type: "link", text: "A sua encomenda", title: "Seguir", url: "https://shop.example/7" },
    sent: {
      type: "interactive",
      interactive: {
        type: "cta_url",
        body: { text: "A sua encomenda" },
        action: { name: "cta_url", parameters: { display_text: "Seguir", url: "https://shop.example/7" } },
      },
    },
  },
  {
    about: "cards with pictures",
    content: {
      type: "carousel",
      text: "Os nossos bolos",
      cards: [
        { media: picture, text: "Chocolate", title: "Ver", url: "https://shop.example/1" },
        { media: upload, title: "Abrir", url: "https://shop.example/2" },
      ],
    },
    sent: {
      type: "interactive",
      interactive: {
        type: "carousel",
        body: { text: "Os nossos bolos" },
        action: {
          cards: [
            {
              card_index: 0,
              type: "cta_url",
              header: { type: "image", image: { link: "https://files.example.test/cake.jpg" } },
              body: { text: "Chocolate" },
              action: { name: "cta_url", parameters: { display_text: "Ver", url: "https://shop.example/1" } },
            },
            {
              card_index: 1,
              type: "cta_url",
              header: { type: "image", image: { id: "2754859441498128" } },
              action: { name: "cta_url", parameters: { display_text: "Abrir", url: "https://shop.example/2" } },
            },
          ],
        },
      },
    },
  },
  {
    about: "a question for the place where the customer is",
    content: { type: "location-request", text: "Onde está?" },
    sent: {
      type: "interactive",
      interactive: {
        type: "location_request_message",
        body: { text: "Onde está?" },
        action: { name: "send_location" },
      },
    },
  },
  {
    about: "a template without places",
    content: { type: "template", name: "hello_world", language: "en_US", parameters: [] },
    sent: { type: "template", template: { name: "hello_world", language: { code: "en_US" } } },
  },
  {
    about: "a template with places in order, a picture and buttons",
    content: {
      type: "template",
      name: "order_update",
      language: "pt_PT",
      header: picture,
      parameters: ["Ana", "7"],
      buttons: [
        { index: 0, type: "quick_reply", value: "confirm-7" },
        { index: 1, type: "url", value: "7?lang=pt" },
      ],
    },
    sent: {
      type: "template",
      template: {
        name: "order_update",
        language: { code: "pt_PT" },
        components: [
          { type: "header", parameters: [{ type: "image", image: { link: "https://files.example.test/cake.jpg" } }] },
          {
            type: "body",
            parameters: [
              { type: "text", text: "Ana" },
              { type: "text", text: "7" },
            ],
          },
          {
            type: "button",
            sub_type: "quick_reply",
            index: "0",
            parameters: [{ type: "payload", payload: "confirm-7" }],
          },
          { type: "button", sub_type: "url", index: "1", parameters: [{ type: "text", text: "7?lang=pt" }] },
        ],
      },
    },
  },
  {
    about: "a template with places by name, a document and a code to copy",
    content: {
      type: "template",
      name: "invoice",
      language: "pt_BR",
      header: pdf,
      parameters: { customer: "Ana", total: "12 €" },
      buttons: [{ index: 0, type: "copy_code", value: "BOLO10" }],
    },
    sent: {
      type: "template",
      template: {
        name: "invoice",
        language: { code: "pt_BR" },
        components: [
          {
            type: "header",
            parameters: [
              { type: "document", document: { link: "https://files.example.test/1", filename: "fatura 1.pdf" } },
            ],
          },
          {
            type: "body",
            parameters: [
              { type: "text", parameter_name: "customer", text: "Ana" },
              { type: "text", parameter_name: "total", text: "12 €" },
            ],
          },
          {
            type: "button",
            sub_type: "copy_code",
            index: "0",
            parameters: [{ type: "coupon_code", coupon_code: "BOLO10" }],
          },
        ],
      },
    },
  },
  {
    about: "a template with a place in its headline",
    content: { type: "template", name: "headline", language: "en", header: "Ana" },
    sent: {
      type: "template",
      template: {
        name: "headline",
        language: { code: "en" },
        components: [{ type: "header", parameters: [{ type: "text", text: "Ana" }] }],
      },
    },
  },
];
