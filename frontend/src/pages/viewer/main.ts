import { mount } from 'svelte';
import '$ui/base.css';
import { slugOf } from '$core/join';
import { theme } from '$ui/theme.svelte';
import App from './App.svelte';
import { Viewer } from './viewer.svelte';

theme.apply();
const viewer = new Viewer(slugOf(location.pathname));
viewer.enter();
const target = document.getElementById('app');
if (target) mount(App, { target, props: { viewer } });
