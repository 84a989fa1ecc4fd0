export const meta = { name: 'translate-page', description: 'Übersetzt eine Seite und lässt sie gegenlesen' }

const { page, to } = args
const draft = await agent(`Übersetze ${page} ins ${to}. Fachbegriffe bleiben englisch.`, {
  label: `übersetzen:${to}`,
})
if (draft === null) return null
const check = await agent(`Lies die Übersetzung von ${page} gegen:\n\n${draft}`, {
  label: `gegenlesen:${to}`,
  schema: {
    type: 'object',
    properties: { gut: { type: 'boolean' }, mängel: { type: 'array', items: { type: 'string' } } },
    required: ['gut', 'mängel'],
  },
})
return { to, gut: check?.gut ?? false, geprüft: check !== null }
