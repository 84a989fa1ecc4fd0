export const meta = {
  name: 'secrets-rotation',
  description:
    'Inventory of secrets and a rotation plan; encodes names so that no secret name reaches the log in clear',
}

const enc = new TextEncoder()
const dec = new TextDecoder()
const mask = name => btoa(String.fromCharCode(...enc.encode(name))).replace(/=+$/, '')
const unmask = text => dec.decode(Uint8Array.from(atob(text), ch => ch.charCodeAt(0)))
const crc = text => {
  let c = ~0
  for (const byte of enc.encode(text)) {
    c ^= byte
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
  }
  return (~c >>> 0).toString(16).padStart(8, '0')
}

const inventory = await agent(
  'List the names of all secrets that the deployment reads (names, never values).',
  {
    label: 'inventory',
    schema: {
      type: 'object',
      properties: {
        secrets: {
          type: 'array',
          items: { type: 'string', description: 'name of a secret', pattern: '^[A-Z][A-Z0-9_]{2,30}$' },
          uniqueItems: true,
          maxItems: 6,
        },
      },
      required: ['secrets'],
    },
  },
)
const secrets = inventory?.secrets ?? []
const plans = await parallel(
  secrets.map(
    s => () =>
      agent(`Plan the rotation of secret ${mask(s)} without downtime.`, { label: `rotate ${crc(s)}` }),
  ),
)
const copy = structuredClone({
  secrets,
  at: new Date(0),
  set: new Set(secrets),
  deep: [new Map([['a', 1n]])],
})
return {
  roundTrip: ['plain', 'größe', '日本語 🔑'].map(t => unmask(mask(t)) === t),
  crc: crc('123456789'),
  secrets: secrets.length,
  planned: plans.filter(Boolean).length,
  copied:
    copy.secrets !== secrets &&
    copy.set.size === secrets.length &&
    copy.deep[0].get('a') === 1n &&
    copy.at.getTime() === 0,
}
