import { mount } from 'svelte';
import '$ui/base.css';
import { theme } from '$ui/theme.svelte';
import App from './App.svelte';

// Dark unless chosen otherwise: a lit studio wants a calm screen.
theme.apply('dark');
const target = document.getElementById('app');
if (target) mount(App, { target });
