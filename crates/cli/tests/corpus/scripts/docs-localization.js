export const meta = {
  name: 'docs-localization',
  description:
    'Lokalisiert die Handbuchseiten in fünf Sprachen; jede Seite ist ein Lauf von `translate-page`',
  phases: [{ title: 'Übersetzen' }, { title: 'Bericht' }],
}

const seiten = Array.isArray(args?.pages) ? args.pages : ['installation.md', 'größen-und-maße.md']
const sprachen = ['Französische', 'Polnische', 'Türkische', 'Japanische', 'Arabische']
const paare = seiten.flatMap(page => sprachen.map(to => ({ page, to })))

phase('Übersetzen')
const ergebnisse = await pipeline(
  paare,
  paar => workflow('translate-page', paar),
  (r, { page }) => ({ ...r, page }),
)
const je = Object.groupBy(ergebnisse.filter(Boolean), r => r.page)

phase('Bericht')
for (const seite of seiten) {
  const fertig = je[seite] ?? []
  log(
    `${seite}: ${fertig.filter(r => r.gut).length}/${sprachen.length} gut, ${sprachen.length - fertig.length} verloren`,
  )
}
return Object.fromEntries(
  seiten.map(s => [
    s,
    {
      gut: (je[s] ?? []).filter(r => r.gut).map(r => r.to),
      ungeprüft: (je[s] ?? []).filter(r => !r.geprüft).length,
    },
  ]),
)
