declare namespace App {
  interface Locals extends import('portcullis/astro').SessionLocals {}
}
