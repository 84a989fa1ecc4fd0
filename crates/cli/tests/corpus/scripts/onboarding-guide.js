export const meta = {
  name: 'onboarding-guide',
  description:
    'Schreibt einen Einstieg für neue Leute: Fragen sammeln, beantworten, von „Neulingen“ prüfen lassen, nachbessern',
  phases: [{ title: 'Fragen' }, { title: 'Antworten' }, { title: 'Probelesen' }],
}

const rollen = ['Backend', 'Frontend', 'Betrieb', 'Übersetzung']
const GUT = 4
let fassung = null
let runde = 0
const verlauf = []

phase('Fragen')
const fragen = [
  ...new Set(
    (
      await parallel(
        rollen.map(
          r => () =>
            agent(`Du fängst morgen im Bereich ${r} an. Welche drei Fragen hast du?`, {
              label: `Fragen ${r}`,
              schema: {
                type: 'object',
                properties: {
                  fragen: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 3 },
                },
                required: ['fragen'],
              },
            }),
        ),
      )
    ).flatMap(r => r?.fragen ?? []),
  ),
]
if (fragen.length === 0) return { fehler: 'keine Fragen', verloren: failures().length }

do {
  runde += 1
  phase('Antworten')
  const neu = await agent(
    `${fassung ? `Verbessere diese Fassung:\n${fassung}` : 'Schreibe einen Einstieg.'}\n\nBeantworte:\n${fragen.map((f, i) => `${i + 1}. ${f}`).join('\n')}`,
    { label: `Fassung ${runde}` },
  )
  fassung = neu ?? fassung
  if (fassung === null) break
  phase('Probelesen')
  const noten = await parallel(
    rollen.map(
      r => () =>
        agent(`Lies als Neuling (${r}) und vergib eine Note von 1 (unklar) bis 5 (klar):\n\n${fassung}`, {
          label: `Probe ${r} ${runde}`,
          schema: {
            type: 'object',
            properties: { note: { type: 'integer', minimum: 1, maximum: 5 } },
            required: ['note'],
          },
        }),
    ),
  )
  const gültig = noten.filter(n => n !== null).map(n => n.note)
  verlauf.push(gültig.length ? Math.min(...gültig) : null)
} while (runde < 3 && !(verlauf.at(-1) >= GUT))

return {
  fragen: fragen.length,
  runden: runde,
  bewertet: verlauf.filter(v => v !== null).length,
  fassung: fassung !== null,
}
