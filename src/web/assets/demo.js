// Turns the links to the demo people (which sign in at once) into buttons that fill in the field.
const field = document.getElementById('username')

for (const link of document.querySelectorAll('a[data-fill]')) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'link'
  button.append(...link.childNodes)
  button.addEventListener('click', () => {
    field.value = link.dataset.fill
    field.focus()
  })
  link.replaceWith(button)
}
