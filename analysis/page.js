// SPDX-License-Identifier: GPL-2.0
// What a reader may do with the page. Without it everything is shown, and nothing is missing.
'use strict'
const all = (selector, within = document) => [...within.querySelectorAll(selector)]

// Tools and filters show only where they work.
for (const tools of all('.tools, .filters')) tools.hidden = false

// Light or dark
const root = document.documentElement
const themes = ['auto', 'light', 'dark']
const theme = document.getElementById('theme')
theme.addEventListener('click', () => {
  const next = themes[(themes.indexOf(root.dataset.theme || 'auto') + 1) % themes.length]
  if (next === 'auto') delete root.dataset.theme
  else root.dataset.theme = next
  theme.textContent = 'colours: ' + next
})

// By path, size and threads: whatever carries the attribute and another value of it is hidden.
const chosen = () => all('select[data-filter]').filter(select => select.value)
function filter() {
  for (const element of all('[data-path], [data-size], [data-threads]'))
    element.hidden = chosen().some(({ dataset, value }) =>
      element.dataset[dataset.filter] !== undefined && element.dataset[dataset.filter] !== value)
}
for (const select of all('select[data-filter]')) select.addEventListener('change', filter)

// Claims, by verdict and report
function claims() {
  const [verdict, report] = ['verdict', 'report'].map(key => document.getElementById(key).value)
  let shown = 0
  for (const row of all('tr[data-verdict]')) {
    row.hidden = Boolean(verdict && row.dataset.verdict !== verdict || report && row.dataset.report !== report)
    shown += !row.hidden
  }
  document.getElementById('shown').textContent = shown + ' shown'
}
for (const key of ['verdict', 'report']) document.getElementById(key)?.addEventListener('change', claims)

// Tables, by a column: numbers as numbers, n/a last
const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent
function compare(a, b) {
  const [x, y] = [parseFloat(a), parseFloat(b)]
  if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y) || a.localeCompare(b)
  return x - y
}
for (const table of all('table.sorts'))
  all('thead th', table).forEach((head, column) => {
    const button = document.createElement('button')
    button.append(...head.childNodes)
    head.append(button)
    button.addEventListener('click', () => {
      const up = head.getAttribute('aria-sort') !== 'ascending'
      all('th', table).forEach(other => other.removeAttribute('aria-sort'))
      head.setAttribute('aria-sort', up ? 'ascending' : 'descending')
      const rows = [...table.tBodies[0].rows].sort((a, b) => compare(value(a, column), value(b, column)))
      table.tBodies[0].append(...(up ? rows : rows.reverse()))
    })
  })

// What a point stands for, beside the pointer at once
const tip = document.createElement('div')
tip.id = 'tip'
tip.hidden = true
document.body.append(tip)
document.addEventListener('pointermove', event => {
  const text = event.target.closest?.('.tip')?.querySelector('title')?.textContent
  tip.hidden = !text
  if (!text) return
  tip.textContent = text
  tip.style.left = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8) + 'px'
  tip.style.top = Math.max(event.clientY - tip.offsetHeight - 8, 4) + 'px'
})
